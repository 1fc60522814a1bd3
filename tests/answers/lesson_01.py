"""Answers to the exercises of lesson 01."""

GET = "requests.get(f'{url}/v1/models', headers={'Authorization': f'Bearer {key}'}, timeout=9)"

RIGHT = {
    "01.1": [
        "options = ['--parallel', '4', '--ctx-size', '2048']",
        "options = ['--ctx-size', '2048', '--parallel', '4']",
        "options = ['--parallel=4', '--ctx-size=2048']",
        "options = ['--parallel 4', '--ctx-size 2048']",
        "options = '--parallel 4 --ctx-size 2048'.split()",
        "options = ['-np', '4', '-c', '2048']",
        "options = ['--parallel', str(4), '--ctx-size', str(4 * 512)]",
        "options = ('--parallel', '4', '--ctx-size', '2048', '--threads', '1')",
    ],
    "01.2": [
        """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2).status_code == 200
    except requests.RequestException:
        return False
""",
        """
def ready(url):
    try:
        answer = requests.get(url + "/health", timeout=1)
    except Exception:
        return False
    if answer.status_code == 200:
        return True
    return False
""",
        """
def ready(url):
    try:
        state = requests.get(f"{url}/health", timeout=(1, 1)).status_code
    except (requests.ConnectionError, requests.Timeout):
        state = "no answer"
    return state == 200
""",
        """
import urllib.request
def ready(url):
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=1.5) as answer:
            return answer.status == 200
    except OSError:
        return False
""",
        """
def ready(url):
    good = False
    try:
        answer = requests.get("{}/health".format(url), timeout=0.5)
        good = answer.status_code == requests.codes.ok
    except requests.exceptions.RequestException as error:
        print(error)
    return good
""",
        """
def ready(url):
    with requests.Session() as session:
        try:
            return 200 == session.request("GET", f"{url}/health", timeout=2).status_code
        except IOError:
            return False
""",
        """
def ready(url):
    try:
        return requests.head(f"{url}/health", timeout=2).status_code == 200
    except requests.RequestException:
        return False
""",
    ],
    "01.3": [
        f"""
def first_model(url, key):
    answer = {GET}
    if answer.status_code != 200:
        return None
    models = answer.json()["data"]
    return models[0]["id"] if models else None
""",
        f"""
def first_model(url, key):
    answer = {GET}
    if answer.status_code == 200:
        for model in answer.json()["data"]:
            return model["id"]
""",
        f"""
def first_model(url, key):
    answer = {GET}
    if answer.status_code == 200 and len(answer.json()["data"]) > 0:
        return answer.json()["data"][0]["id"]
    else:
        return None
""",
        f"""
def first_model(url, key):
    answer = {GET}
    models = answer.json().get("data") or []
    return next((one["id"] for one in models), None)
""",
        f"""
def first_model(url, key):
    try:
        answer = {GET}
        answer.raise_for_status()
        return answer.json()["data"][0]["id"]
    except (requests.HTTPError, IndexError):
        return None
""",
        """
import json, urllib.error, urllib.request
def first_model(url, key):
    asked = urllib.request.Request(url + "/v1/models", headers={"Authorization": "Bearer " + key})
    try:
        with urllib.request.urlopen(asked, timeout=9) as answer:
            models = json.load(answer)["data"]
    except urllib.error.HTTPError:
        return None
    return models[0]["id"] if models else None
""",
    ],
}

WRONG = {
    "01.1": [
        (
            "options = ['--parallel', '4', '--ctx-size', '512']",
            "their tokens: [256, 256, 256, 256], expected 512",
        ),
        ("options = ['--parallel', '4']", "[2048, 2048, 2048, 2048], expected 512 in each"),
        ("options = ['--ctx-size', '2048']", "[2048, 2048, 2048, 2048], expected 512 in each"),
        ("options = ['--ctx-size', '512']", "share one pool"),
        (
            "options = ['--parallel', '4', '--ctx-size', '512', '--kv-unified']",
            "share one pool of 512 tokens, expected 512",
        ),
        ("options = '--parallel 4 --ctx-size 2048'", "`options` is '--parallel 4"),
        ("options = ['--parallel', 4, '--ctx-size', 2048]", "a list of strings"),
        ("options = {'--parallel': '4', '--ctx-size': '2048'}", "a list of strings"),
        ("options = ['--parallel', '512', '--ctx-size', '4']", "the server does not start"),
        (
            "options = ['--conversations', '4', '--ctx-size', '2048']",
            "invalid argument: --conversations",
        ),
        ("options = ['parallel', '4', 'ctx-size', '2048']", "invalid argument: parallel"),
        (
            "options = ['--parallel', '4', '--ctx-size', '2048', '--port', '8080']",
            "--port is not an option here",
        ),
        ("options = ['--parallel', '2', '--ctx-size', '1024']", "2 slots, expected 4"),
        (
            "options = ['--parallel', '4', '--ctx-size', '4096']",
            "[1024, 1024, 1024, 1024], expected",
        ),
        ("options = []", "2048"),
        (
            """
options = ["--parallel", "4", "--ctx-size", "2048", "--no-slots"]
""",
            "the status is 501",
        ),
    ],
    "01.2": [
        (  # the lesson's own pattern for "nobody listens"
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False
""",
            "raised ReadTimeout",
        ),
        (
            """
def ready(url):
    return requests.get(f"{url}/health", timeout=2).status_code == 200
""",
            "nobody listens: ready('http://127.0.0.1:…') raised",
        ),
        (
            """
def ready(url):
    try:
        requests.get(f"{url}/health", timeout=2)
        return True
    except requests.RequestException:
        return False
""",
            "(503): ready(",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2).ok
    except requests.RequestException:
        return False
""",
            "answers 204",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2).status_code != 503
    except requests.RequestException:
        return False
""",
            "has no /health (404)",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False
""",
            "is ready: ready(",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health").status_code == 200
    except requests.RequestException:
        return False
""",
            "it waited until the server hung up",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=None).status_code == 200
    except:
        return False
""",
            "expected 2 s at most",
        ),
        (
            """
def ready(url):
    try:
        print(requests.get(f"{url}/health", timeout=2).status_code == 200)
    except requests.RequestException:
        print(False)
""",
            "returned None (is there a `return`?), expected",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2).status_code
    except requests.RequestException:
        return False
""",
            "returned 200, expected True",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2).status_code == 200
    except requests.RequestException:
        pass
""",
            "nobody listens",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2).json() == {"status": "ok"}
    except requests.ConnectionError:
        return False
""",
            "raised JSONDecodeError",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=30).status_code == 200
    except requests.RequestException:
        return False
""",
            "it waited until the server hung up, after 2.8 s, expected 2 s at most",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2).json().get("status") == "ok"
    except requests.RequestException:
        return False
""",
            "answers 200, and nothing else: ready(",
        ),
        (
            """
def ready(url):
    try:
        return "ok" in requests.get(f"{url}/health", timeout=2).text
    except requests.RequestException:
        return False
""",
            "answers 200, and nothing else: ready(",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/v1/health", timeout=2).status_code == 200
    except requests.RequestException:
        return False
""",
            "the server is ready: ready(",
        ),
        (
            """
def ready(url):
    try:
        return requests.get(f"{url}/health", timeout=2) == 200
    except requests.RequestException:
        return False
""",
            "the server is ready: ready(",
        ),
        ("ready = True", "a function is expected; this is True"),
        ("def ready(): return True", "raised TypeError"),
        (
            """
import requests
def ready(url):
    for _ in range(3):
        try:
            if requests.get(f"{url}/health", timeout=2).status_code == 200:
                return True
        except requests.RequestException:
            pass
    return False
""",
            "it asked 3 times, and waited 6",
        ),
    ],
    "01.3": [
        (
            f"""
def first_model(url, key):
    return {GET}.json()["data"][0]["id"]
""",
            "(401): first_model(",
        ),
        (
            f"""
def first_model(url, key):
    answer = {GET}
    if answer.status_code == 401:
        return None
    models = answer.json()["data"]
    return models[0]["id"] if models else None
""",
            "(503): first_model(",
        ),
        (
            f"""
def first_model(url, key):
    answer = {GET}
    if answer.ok:
        return answer.json()["data"][0]["id"]
""",
            "the list is empty",
        ),
        (
            f"""
def first_model(url, key):
    answer = {GET}
    for model in answer.json().get("data", []):
        name = model["id"]
    return name
""",
            "returned 'large', expected 'small'",
        ),
        (
            f"""
def first_model(url, key):
    answer = {GET}
    return [model["id"] for model in answer.json().get("data", [])]
""",
            "returned ['professor'], expected 'professor'",
        ),
        (
            """
def first_model(url, key):
    answer = requests.get(f"{url}/v1/models", timeout=9)
    return answer.json()["data"][0]["id"] if answer.ok else None
""",
            "Authorization: no such header, expected Bearer open-sesame",
        ),
        (
            """
def first_model(url, key):
    answer = requests.get(f"{url}/v1/models", headers={"Authorization": key}, timeout=9)
    return answer.json()["data"][0]["id"] if answer.ok else None
""",
            "Authorization: open-sesame, expected Bearer open-sesame",
        ),
        (
            """
def first_model(url, key):
    headers = {"Authorization": "Bearer open-the-door"}
    answer = requests.get(f"{url}/v1/models", headers=headers, timeout=9)
    return answer.json()["data"][0]["id"] if answer.ok else None
""",
            "Authorization: Bearer open-the-door",
        ),
        (
            """
def first_model(url, key):
    headers = {"Authorization": f"Bearer {key}"}
    answer = requests.get(f"{url}/models", headers=headers, timeout=9)
    return answer.json()["data"][0]["id"] if answer.ok else None
""",
            "it asks for /models, expected /v1/models",
        ),
        (
            f"""
def first_model(url, key):
    answer = {GET}
    if answer.ok and answer.json()["data"]:
        print(answer.json()["data"][0]["id"])
""",
            "returned None (is there a `return`?), expected",
        ),
        (
            f"""
def first_model(url, key):
    answer = {GET}
    return answer.json()["data"][0] if answer.ok and answer.json()["data"] else None
""",
            "expected 'professor'",
        ),
        (
            f"""
def first_model(url, key):
    answer = {GET}
    return answer.json()["data"][0]["id"] if answer.ok and answer.json()["data"] else ""
""",
            "returned '', expected None",
        ),
        (
            """
def first_model(url, key):
    headers = {"Authorization": f"Bearer {key}"}
    answer = requests.get(f"{url}/v1/models", headers=headers, timeout=9)
    if answer.ok and answer.json()["data"]:
        return answer.json()["data"][-1]["id"]
""",
            "returned 'large', expected 'small'",
        ),
        (
            """
def first_model(url, key):
    headers = {"Authorization": "Bearer" + key}
    answer = requests.get(f"{url}/v1/models", headers=headers, timeout=9)
    return answer.json()["data"][0]["id"] if answer.ok else None
""",
            "Authorization: Beareropen-sesame, expected Bearer open-sesame",
        ),
        (
            """
def first_model(url, key):
    headers = {"Authorization": f"Bearer {key}"}
    answer = requests.post(f"{url}/v1/models", headers=headers, timeout=9)
    return answer.json()["data"][0]["id"] if answer.ok else None
""",
            "it asks for nothing, expected /v1/models",
        ),
        ("def first_model(url, key): return 'professor'", "expected 'small'"),
        ("def first_model(url, key): raise NotImplementedError('later')", "NotImplementedError"),
    ],
}
