//! LiveKit's YAML as typed settings. It must not know who uses a setting.
