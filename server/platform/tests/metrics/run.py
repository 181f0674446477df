"""Prometheus' own OpenMetrics parser against a real server, and every name of the Grafana dashboard against what it answers."""

import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from site_under_test import site

ROOT = pathlib.Path(__file__).parents[4]
DASHBOARD = ROOT / "docs/deploy/grafana/convoke.json"
TOKEN = "a-token-for-prometheus"
ENVIRONMENT = {
    "CONVOKE_METRICS__BEARER_TOKEN": TOKEN,
    "CONVOKE_MATRIX__ENABLED": "true",
    "CONVOKE_MATRIX__FULL_ACCESS_HOMESERVERS": "example.org",
}
# All names that an expression can be about.
NAME = re.compile(r"\bconvoke_[a-z0-9_]+\b")


def scrape(url, token=TOKEN):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"{url}/metrics", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def samples(text):
    """Every name with its samples; the parser raises where the text is no OpenMetrics."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample)
    return found


def expressions(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("expr", "query") and isinstance(value, str):
                yield value
            else:
                yield from expressions(value)
    elif isinstance(node, list):
        for entry in node:
            yield from expressions(entry)


def refused(url, token):
    try:
        scrape(url, token)
    except urllib.error.HTTPError as error:
        return error.code == 401
    return False


def judge(url):
    deadline = time.monotonic() + 20
    # Something to count.
    urllib.request.urlopen(f"{url}/api/site", timeout=10).close()
    while True:
        kind, text = scrape(url)
        found = samples(text)
        if "convoke_media_rooms" in found or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    names = {name for text in expressions(json.loads(DASHBOARD.read_text())) for name in NAME.findall(text)}
    unknown = sorted(name for name in names if name not in found)
    label_values = [value for of in found.values() for sample in of for value in sample.labels.values()]
    return {
        "the answer says that it is OpenMetrics": kind.startswith("application/openmetrics-text"),
        "nobody without the token is told": refused(url, None) and refused(url, "another-token-of-somebody"),
        "the media server's numbers are in it": "convoke_media_datagrams_total" in found,
        "the Matrix service's numbers are in it": "convoke_matrix_delayed_leaves" in found,
        "the media server is a process of its own": found["convoke_media_process_resident_memory_bytes"][0].value
        != found["convoke_process_resident_memory_bytes"][0].value,
        f"the dashboard asks for nothing unknown {unknown}": bool(names) and not unknown,
        "labels stay short": max(map(len, label_values)) < 100,
    }


def main():
    with site(ENVIRONMENT) as (url, _):
        verdicts = judge(url)
    for what, good in verdicts.items():
        print("ok  " if good else "FAIL", what)
    failed = list(verdicts.values()).count(False)
    print(f"metrics: {len(verdicts) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
