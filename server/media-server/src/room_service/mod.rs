//! RoomService: one file per method, its grants and errors. It asks the engine and never a room.
