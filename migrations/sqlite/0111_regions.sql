-- Where a room's calls are to be, which its owner says: a region of livekit.regions; NULL leaves it to those who join.
ALTER TABLE rooms ADD COLUMN region TEXT;
-- Where its call is, or was last; NULL: in the first region.
ALTER TABLE rooms ADD COLUMN call_region TEXT;
-- When somebody was last let in who may be on their way there, in milliseconds: until they have come the call stays.
ALTER TABLE rooms ADD COLUMN call_region_at BIGINT;
