#!/usr/bin/env python3
"""Start, test and check Recado: the one command that a fresh checkout needs."""

# Nothing at the top level here is newer than Python 3.6, so that an old Python can say that it is too old.

import argparse
import contextlib
import errno
import hashlib
import importlib.util
import ipaddress
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

if os.name == "posix":
    import fcntl
else:
    import msvcrt

ROOT = Path(__file__).resolve().parent
VENV, NEW, OLD, LOCK = (ROOT / name for name in (".venv", ".venv.new", ".venv.old", ".venv.lock"))
IN_VENV = "Scripts/python.exe" if os.name == "nt" else "bin/python"
PYTHON = str(VENV / IN_VENV)
STAMP = VENV / "recado.json"
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONUSERBASE", "PYTHONSTARTUP")

CHECKS = (
    ("Format", "ruff format --check ."),
    ("Lint", "ruff check ."),
    ("Types", "mypy"),
    ("Templates", "djlint templates partials --lint"),
    ("Translations", "tools.translations --check"),
)
BROWSERS = ("google-chrome", "google-chrome-stable", "chromium", "microsoft-edge", "msedge", "chromium-browser")
BROWSER_FOLDERS = ("/Applications", "~/Applications", "%ProgramFiles%", "%ProgramFiles(x86)%", "%LocalAppData%")
BROWSER_FILES = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
LAUNCH = "from playwright.sync_api import sync_playwright as start\nwith start() as p: p.chromium.launch().close()"


class ManageError(Exception):
    """What stops us, in one sentence for the person at the keyboard."""


class Parser(argparse.ArgumentParser):
    """Tells a mistake in one sentence, without the usage text before it."""

    def error(self, message: str) -> None:
        raise ManageError(f"{message[0].upper()}{message[1:]}; see {self.prog} --help.")


def main(arguments: list) -> int:
    """Run one command and return its exit status: 2 for every problem that a sentence can tell."""
    try:
        check_python(sys.version_info)
        os.chdir(ROOT)
        for name in FOREIGN:  # What is meant for other programs would hide our modules, or bring others.
            os.environ.pop(name, None)
        parser = make_parser()
        options, rest = parser.parse_known_args(arguments)
        if options.command == "test":
            return test(rest)
        if rest:
            parser.error(f"unknown argument {rest[0]}")
        if options.command == "serve":
            return serve(options.host, options.port, options.debug)
        if options.command == "check":
            return check()
        parser.print_help()
        return 0
    except ManageError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"Cannot read or write {error.filename or VENV}: {error.strerror}.", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 2


def check_python(version: tuple) -> None:
    if version < (3, 11):
        raise ManageError(f"Recado needs Python 3.11 or newer; this is Python {version[0]}.{version[1]}.")


def make_parser() -> Parser:
    parser = Parser(description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="command")
    serve_parser = commands.add_parser("serve", help="start the app; the first start installs what it needs")
    serve_parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve_parser.add_argument("--port", default=8000, type=port, help="port to listen on (default: %(default)s)")
    serve_parser.add_argument("--debug", action="store_true", help="reload on changes and show Flask's debugger")
    commands.add_parser("test", help="run the tests; further arguments go to pytest", add_help=False)
    commands.add_parser("check", help="check format, lint, types and templates, then test with coverage")
    return parser


def port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text}")
    return int(text)


def serve(host: str, port: int, debug: bool) -> int:
    if debug and not is_loopback(host):
        raise ManageError(f"--debug lets every visitor run code here, so it works on localhost only, not on {host}.")
    check_address(host, port)
    set_up("requirements.txt")
    module = ["flask", "--app", "wsgi", "run", "--debug"] if debug else ["webapp.server"]
    return become(*module, "--host", host, "--port", str(port))


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(host: str, port: int) -> None:
    """Listen for a moment as webapp/server/listening.py will, to tell of a taken port before a long installation."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(found, key=lambda info: info[0])
        both = host == "::" and socket.has_dualstack_ipv6()
        socket.create_server(address, family=family, dualstack_ipv6=both).close()
    except (OSError, UnicodeError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise ManageError(f"Port {port} on {host} is taken; choose another with --port.") from None
        reason = getattr(error, "strerror", None) or error
        raise ManageError(f"Recado cannot listen on {host}, port {port}: {reason}.") from None


def test(arguments: list) -> int:
    set_up("requirements.txt", "requirements-dev.txt")
    choose_browser()
    return become("pytest", "-n", "auto", *arguments)


def check() -> int:
    set_up("requirements.txt", "requirements-dev.txt")
    for title, command in CHECKS:
        print(f"== {title}: {command}", flush=True)
        status = subprocess.call([PYTHON, "-m", *command.split()])
        if status:
            return status
    print("== Tests, with branch coverage", flush=True)
    choose_browser()
    return become("pytest", "-n", "auto", "--cov")


def become(*module: str) -> int:
    """Go on as `python -m module` of the virtual environment."""
    command = [PYTHON, "-m", *module]
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(PYTHON, command)
    child = subprocess.Popen(command)
    while True:
        # Windows sends Ctrl+C to the child as well, which stops in its own time.
        with contextlib.suppress(KeyboardInterrupt):
            return child.wait()


# The virtual environment: made beside the one that is there, and put in its place when it is whole


def set_up(*names: str) -> None:
    """Install the requirements files into .venv, unless its stamp says that they are there."""
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in names}
    if wanted.items() <= installed().items():
        return
    with locked(LOCK):
        if OLD.exists() and not VENV.exists():  # We were killed in between.
            OLD.rename(VENV)
        present = installed()  # Another start may have done the work while we waited for the lock.
        if wanted.items() <= present.items():
            return
        print("Installing what Recado needs into .venv; this happens once.", flush=True)
        files = sorted({*present, *wanted})  # What was there stays: `serve` takes nothing away from `test`.
        try:
            make_venv(files)
        except ManageError:
            shutil.rmtree(NEW, ignore_errors=True)
            raise
        digests = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}
        stamp = {"maker": maker(), "packages": sorted(packages(NEW)), "requirements": digests}
        (NEW / STAMP.name).write_text(json.dumps(stamp), encoding="utf-8")
        exchange()


def installed() -> dict:
    """Return the digests of the installed requirements files: none if .venv is damaged, moved or another Python's."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        whole = os.path.exists(PYTHON) and (VENV / "pyvenv.cfg").exists()
        whole = whole and packages(VENV).issuperset(stamp["packages"])
        return stamp["requirements"] if whole and stamp["maker"] == maker() else {}
    except (OSError, ValueError, KeyError):
        return {}


def maker() -> list:
    """What an environment depends on: the Python's kind and version as far as packages care, the machine, the path."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    # A path's text depends on the locale, its URI does not.
    return [sys.implementation.cache_tag, suffix, platform.machine(), VENV.as_uri()]


def site_packages(venv: Path) -> str:
    return sysconfig.get_path("purelib", "venv", {"base": str(venv)})


def packages(venv: Path) -> set:
    return {name for name in os.listdir(site_packages(venv)) if name != "__pycache__"}


def make_venv(names: list) -> None:
    """Make .venv.new, with all that the requirements files name."""
    if not importlib.util.find_spec("ensurepip"):
        raise ManageError(
            "This Python cannot make virtual environments; on Debian and Ubuntu, apt install python3-venv."
        )
    if NEW.exists():
        shutil.rmtree(NEW)
    # The base Python, because the one that runs us may be in the environment that goes.
    result = run(sys._base_executable, "-m", "venv", str(NEW))
    if result.returncode:
        raise ManageError(f"Python could not make the virtual environment {NEW}: {complaint(result)}")
    install(names)


def install(names: list) -> None:
    """Install the files as they stand: they are complete, and an older pip resolves anew what has a new release."""
    python = str(NEW / IN_VENV)
    pip = [python, "-m", "pip", "--no-input", "--disable-pip-version-check"]
    files = [argument for name in names for argument in ("-r", name)]
    result = run(*pip, "install", "--no-deps", "--require-hashes", "--no-user", "--no-compile", *files)
    if result.returncode:
        raise ManageError(f"pip could not install {names[-1]} (is this computer online?): {complaint(result)}")
    result = run(*pip, "check")
    if result.returncode:
        raise ManageError(f"What {names[-1]} names does not fit together: {complaint(result)}")
    # Compiled for where it will be: tracebacks find the source, and who may not write there starts as fast.
    run(python, "-m", "compileall", "-q", "-s", str(NEW), "-p", str(VENV), site_packages(NEW))


def exchange() -> None:
    """Put .venv.new in the place of .venv by two renames; if we are killed between them, the next start goes on."""
    scripts = (NEW / IN_VENV).parent
    for path in [NEW / "pyvenv.cfg", *scripts.iterdir()]:  # They name the place where they were made.
        if path.is_file() and not path.is_symlink() and not path.name.startswith("python"):
            path.write_bytes(path.read_bytes().replace(os.fsencode(NEW), os.fsencode(VENV)))
    if OLD.exists():
        shutil.rmtree(OLD)
    if VENV.exists():
        VENV.rename(OLD)
    NEW.rename(VENV)
    shutil.rmtree(OLD, ignore_errors=True)


@contextlib.contextmanager
def locked(path: Path) -> Iterator:
    """Let one start at a time work on .venv."""
    with path.open("a") as file:
        # The pip we start holds the lock too: if we are killed, the next start waits for it to end.
        os.set_inheritable(file.fileno(), True)
        if os.name == "posix":
            fcntl.flock(file, fcntl.LOCK_EX)
        else:
            waiting = True
            while waiting:
                with contextlib.suppress(OSError):  # It gives up after ten seconds; pip may take longer.
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    waiting = False
        yield


def run(*command: str) -> subprocess.CompletedProcess:
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.run(command, close_fds=False, check=False, **streams)


def complaint(result: subprocess.CompletedProcess) -> str:
    lines = result.stdout.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    errors = [line.partition("ERROR: ")[2] for line in lines if line.startswith("ERROR: ")]
    return (errors or lines)[-1]


# The browser of the tests


def choose_browser() -> None:
    """Say in RECADO_TEST_BROWSER which browser the tests drive: a path, `playwright` for its own, or nothing."""
    if "RECADO_TEST_BROWSER" not in os.environ:
        os.environ["RECADO_TEST_BROWSER"] = find_browser() or download_browser() or install_browser() or ""
    if os.environ["RECADO_TEST_BROWSER"]:
        return
    if os.environ.get("CI") == "true":
        raise ManageError("There is no Chromium, Chrome or Edge for the browser tests, which CI must not skip.")
    print("SKIPPED: the browser tests, as there is no Chromium, Chrome or Edge, and none could be installed.")


def find_browser() -> str:
    folders = [os.path.expanduser(os.path.expandvars(folder)) for folder in BROWSER_FOLDERS]
    files = [os.path.join(folder, file) for folder in folders for file in BROWSER_FILES]
    return next(filter(None, map(shutil.which, [*BROWSERS, *files])), "")


def download_browser() -> str:
    print("Looking for Playwright's own Chromium, and downloading it if need be.", flush=True)
    if run(PYTHON, "-m", "playwright", "install", "chromium").returncode:
        return ""
    # Only starting it tells whether the system has the libraries that it needs.
    return "" if run(PYTHON, "-c", LAUNCH).returncode else "playwright"


def install_browser() -> str:
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return ""
    print("Installing Debian's chromium.", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run("apt-get", "update")
    run("apt-get", "install", "-y", "--no-install-recommends", "chromium")
    return shutil.which("chromium") or ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
