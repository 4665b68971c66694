"""Runs the steps of the Dockerfile without a container engine, in a fresh Debian, and tries what they make.

    python -m benchmarks.container FOLDER PICTURE

Needs root, and Debian's debootstrap. Each stage begins with the same new system. What an engine does beside the steps
is done by hand: COPY, by what .dockerignore leaves; for the last stage a root that is read-only, and the user. Layers,
the isolation of processes and of the network, and the compose file are not tried.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]

MACHINE = ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")
"""What a step that downloads must find as this machine has it."""

PASSED = ("PIP_", "NPM_", "NODE_EXTRA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""Variables of this machine that such a step may need begin so."""

TOKEN = "try"


@dataclass(slots=True)
class Stage:
    """What stands between two FROM lines."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)


def parse_stages(dockerfile: str) -> dict[str, Stage]:
    """Parse the stages, by their names; the last one is called "" unless it has one."""
    stages: dict[str, Stage] = {}
    plain = re.sub(r"^#.*\n", "", dockerfile, flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(None, map(str.strip, plain.splitlines())):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            stages[name] = Stage(base)
        else:
            stages[name].steps.append((instruction, rest.strip()))
    return stages


def parse_environment(stage: Stage) -> dict[str, str]:
    """Return the variables that a stage sets."""
    pairs = [pair for instruction, rest in stage.steps if instruction == "ENV" for pair in shlex.split(rest)]
    return dict(pair.split("=", 1) for pair in pairs)


def build(stage: Stage, system: Path, made: Path, earlier: dict[str, Path]) -> None:
    """Carry out the steps of a stage that change files, in a copy of a system."""
    subprocess.run(["cp", "--archive", str(system), str(made)], check=True)
    for path in MACHINE:
        if Path(path).is_file():
            (made / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, made / path[1:])
    folder = "/"
    for instruction, rest in stage.steps:
        if instruction == "WORKDIR":
            folder = rest
            (made / folder[1:]).mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY":
            copy(rest, made, folder, earlier)
        elif instruction == "RUN":
            environment = {name: value for name, value in os.environ.items() if name.startswith(PASSED)}
            path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            command = ["chroot", str(made), "/bin/sh", "-c", f"cd {folder} && {rest}"]
            subprocess.run(command, check=True, env={**environment, "PATH": path, "DEBIAN_FRONTEND": "noninteractive"})
            for package in (made / "var/cache/apt").rglob("*.*"):  # Debian's images are set up to keep none of it
                package.unlink()


def copy(rest: str, made: Path, folder: str, earlier: dict[str, Path]) -> None:
    """Copy from an earlier stage, or what .dockerignore leaves of the repository."""
    *options, source, target = rest.split()
    if options:
        home = earlier[options[0].removeprefix("--from=")]
        subprocess.run(["cp", "--archive", str(home / source[1:]), str(made / target[1:])], check=True)
        return
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line.startswith("!"):
            subprocess.run(["cp", "--recursive", str(ROOT / line[1:]), str(made / folder[1:])], check=True)


@contextmanager
def run(made: Path, stage: Stage, port: int) -> Iterator[tuple[subprocess.Popen[bytes], list[str], dict[str, str]]]:
    """Run the command of a stage as an engine would: its user, its variables, nothing writable but /data and /tmp."""
    said = dict(stage.steps)
    user = said["USER"]
    environment = {**parse_environment(stage), "INKDIGITS_PORT": str(port), "INKDIGITS_TOKEN": TOKEN}
    inside = ["chroot", f"--userspec={user}", str(made)]
    place = shlex.quote(str(made))
    mounts = (
        f"mount --bind {place} {place} && mount -o remount,ro,bind {place} && mount -t tmpfs tmpfs {place}/tmp && "
        f"mount -t tmpfs -o uid={user.split(':')[0]} tmpfs {place}/data && mount -t proc proc {place}/proc && "
    )
    command = shlex.join([*inside, *json.loads(said["ENTRYPOINT"]), *json.loads(said["CMD"])])
    check = [*inside, "env", *(f"{name}={value}" for name, value in environment.items())]
    check += json.loads(said["HEALTHCHECK"].partition(" CMD ")[2])
    shell = ["unshare", "--mount", "/bin/sh", "-c", f"{mounts} exec {command}"]
    with subprocess.Popen(shell, env={**environment, "PATH": f"{environment['PATH']}:/usr/sbin:/sbin"}) as process:
        try:
            yield process, check, environment
        finally:
            process.terminate()


def try_it(made: Path, stage: Stage, picture: Path, port: int = 8399) -> None:
    """Start it, wait until it is healthy, read a digit, look that its root is read-only, and stop it."""
    with run(made, stage, port) as (process, check, _):
        start = time.monotonic()
        while subprocess.run(check, stderr=subprocess.DEVNULL).returncode:
            assert process.poll() is None, "it did not start"
            assert time.monotonic() < start + 60, "it is not healthy"
        print(f"healthy after {time.monotonic() - start:.1f} s")
        address = f"http://127.0.0.1:{port}/api/v1/read?layout=digit"
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="1.png"\r\n\r\n' + picture.read_bytes()
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "multipart/form-data; boundary=x"}
        request = urllib.request.Request(address + "&keep=true", body + b"\r\n--x--\r\n", headers)
        with urllib.request.urlopen(request) as answer:
            print("it reads", json.load(answer)["text"], "and keeps it as", answer.headers["Inkdigits-Result"])
        where = ["nsenter", "--target", str(process.pid), "--mount", "chroot", "--userspec=10001:10001", str(made)]
        refused = subprocess.run([*where, "touch", "/opt/inkdigits/x"], capture_output=True, text=True)
        assert refused.returncode, "its root can be written"
        print(refused.stderr.strip())
    print("it ended with", process.returncode)


def main(folder: Path, picture: Path) -> None:
    """Make the system, carry out all stages, and try the last one."""
    system = folder / "system"
    stages = parse_stages((ROOT / "Dockerfile").read_text("utf-8"))
    if not system.exists():
        suite = next(iter(stages.values())).base.removeprefix("debian:").removesuffix("-slim")
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(system)], check=True)
    made: dict[str, Path] = {}
    for name, stage in stages.items():
        made[name] = folder / (name or "final")
        shutil.rmtree(made[name], ignore_errors=True)
        build(stage, system, made[name], made)
    n_bytes = [int(subprocess.check_output(["du", "-sb", str(path)]).split()[0]) for path in (system, made[""])]
    print(f"the last stage adds {(n_bytes[1] - n_bytes[0]) / 1e6:.0f} MB to the system")
    try_it(made[""], stages[""], picture)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
