"""Calls the API in every way that `run` redirects; prints what came of each."""

import asyncio
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import urllib.request
import warnings

import httpx
import requests
import urllib3

warnings.simplefilter("error")
URL = "https://api.scale.com/v1/projects"
PLAIN = "http://user@API.scale.com:80/v1/projects"
KEY = ("YOUR_API_KEY", "")
BASIC = urllib3.util.make_headers(basic_auth="scaleint_1|abc:")

# Made at import, as many scripts do.
SESSION = requests.Session()
POOL = urllib3.PoolManager()
CLIENT = httpx.Client()
NOWHERE = "http://127.0.0.1:1"  # a proxy that nobody could reach


def names(body):
    return [project["name"] for project in json.loads(body)]


def by_requests():
    answer = SESSION.get(URL, auth=KEY, timeout=30)
    assert answer.url == URL
    return names(answer.content)


def by_requests_through_a_proxy():
    answer = requests.get(
        URL, auth=("", ""), proxies={"https": NOWHERE}, verify=True, timeout=30
    )
    return names(answer.content)


def by_requests_without_tls():
    return names(requests.get(PLAIN, auth=KEY, timeout=30).content)


def by_urllib3():
    return names(POOL.request("GET", URL, headers=BASIC).data)


def by_urllib3_with_certificates():
    with urllib3.HTTPSConnectionPool("API.scale.com", cert_reqs="CERT_REQUIRED") as own:
        return names(own.request("GET", "/v1/projects", headers=BASIC).data)


def by_httpx():
    return names(CLIENT.get(URL, auth=KEY).content)


def by_httpx_through_a_proxy():
    with httpx.Client(proxy=NOWHERE) as client:
        return names(client.get(URL, auth=KEY).content)


def by_httpx_async():
    async def get():
        async with httpx.AsyncClient() as client:
            return (await client.get(URL, auth=KEY)).content

    return names(asyncio.run(get()))


def by_http_client():
    own = http.client.HTTPSConnection(
        "api.scale.com", timeout=30, context=ssl.create_default_context()
    )
    own.request("GET", "/v1/projects", headers=BASIC)
    body = own.getresponse().read()
    own.close()
    return names(body)


def by_urllib():
    request = urllib.request.Request(URL, headers=BASIC)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return names(answer.read())


def by_a_child():
    script = f"import requests; print(requests.get({URL!r}, auth={KEY!r}).text)"
    return names(subprocess.check_output([sys.executable, "-c", script]))


def another_library():
    """TLS by itself, as libraries have it that are not redirected."""
    ours, theirs = socket.socketpair()
    context = ssl.create_default_context()
    with ours, theirs:
        try:
            context.wrap_socket(ours, server_hostname="api.scale.com")
        except OSError as error:
            refused = str(error)
        try:
            context.wrap_bio(
                ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="API.scale.com."
            )
        except OSError as error:
            assert str(error) == refused
        try:
            socket.create_connection(("api.scale.com", 443), 30)
        except OSError as error:
            assert error.strerror == refused
    for proxied in (
        lambda: requests.get(PLAIN, proxies={"http": NOWHERE}, timeout=30),
        lambda: urllib3.ProxyManager(NOWHERE).request("GET", PLAIN, retries=False),
    ):
        try:
            proxied()
        except Exception as error:
            assert refused in str(error)
    return refused


def main(other_url):
    body = {"attachment": "https://example.com/1.jpg", "categories": ["cow"]}
    create = "https://api.scale.com/v1/task/categorization"
    created = [
        requests.post(create, json=body, auth=(key, ""), timeout=30).json()["is_test"]
        for key in ("live_secret", "test_x", "YOUR_API_KEY", "scaleint_1|x|test")
    ]
    requests.get(f"{other_url}/secret?query=1", timeout=30)
    found = {
        "is_test": created,
        "missing": requests.get(f"{URL}/none", auth=KEY, timeout=30).status_code,
        "v2": requests.get(
            "https://api.scale.com/v2/tasks?project_name=none",
            headers={"Authorization": "Bearer x"},
            timeout=30,
        ).status_code,
        "hidden sitecustomize": os.environ.get("HIDDEN"),
        "variables": [
            os.environ[n] for n in ("SCALE_API_KEY", "OTHER_KEY", "SCALE_API_URL")
        ],
        "another library": another_library(),
    }
    for name, call in list(globals().items()):
        if name.startswith("by_"):
            found[name] = call()
    CLIENT.close()
    print(json.dumps(found))
    return 7


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
