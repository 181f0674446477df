//! One room: who is in it, who may see and hear what. No I/O, no clock.
