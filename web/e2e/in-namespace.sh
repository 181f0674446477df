#!/usr/bin/env bash
# Runs a command in a network namespace of its own, with loopback and one more address that leads nowhere else:
# Firefox takes no media from a loopback address, and tests talk to nobody outside.
set -euo pipefail
address=10.77.0.1
if [ "${E2E_NODE_IP:-}" != "$address" ]; then
  user=(); [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
  exec unshare --net "${user[@]}" env E2E_NODE_IP="$address" "$0" "$@"
fi
ip link set lo up
ip link add meet type veth peer name other
ip address add "$address/24" dev meet
ip link set meet up
ip link set other up
# Firefox offers the address of the default route.
ip route add default via 10.77.0.2 dev meet
exec "$@"
