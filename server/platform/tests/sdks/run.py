"""LiveKit's Go SDK uses a site as its LiveKit server. Needs CONVOKE_BIN, the binary under test, and the program of `go/`
as its argument. (Python: `server/media-server/tests/sdks`; JavaScript: `web/e2e/site/programs.e2e.ts`; Rust:
`bin/tests/gateway.rs`.)"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from site_under_test import api_key, site, until_media_is_ready

GRANTS = ["room_create", "room_list", "room_admin", "room_join", "room_record", "ingress_admin"]


def main():
    with site() as (url, _):
        until_media_is_ready(url)
        key, secret = api_key(url, GRANTS)
        environment = {"LIVEKIT_URL": url, "LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": secret}
        return subprocess.run(sys.argv[1:], env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
