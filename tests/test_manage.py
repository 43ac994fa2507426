"""manage.py, run for real in a checkout of its own: what it sets up, what it repairs, and how it says no."""

import ast
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import manage

MANAGE = Path(manage.__file__)
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)

# What manage.py becomes is a stub here, which tells its Python and its arguments.
STUB = "import json, sys, tiny; print(json.dumps([sys.prefix, sys.argv[1:]]))"
MODULES = {
    "tiny.py": "def main(): print('tiny')",
    "pytest.py": STUB,
    "ruff.py": "import sys; sys.exit(7 if sys.argv[1] == 'check' else 0)",
}


def make_checkout(folder: Path) -> Path:
    """A checkout of manage.py, a stub of the app, and one requirement that needs no network."""
    (folder / "webapp").mkdir(parents=True)
    shutil.copy(MANAGE, folder)
    (folder / "webapp" / "__init__.py").touch()
    (folder / "webapp" / "server.py").write_text(STUB)
    digest = make_wheel(folder, "tiny", modules=MODULES)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text(f"./tiny-1.0-py3-none-any.whl --hash=sha256:{digest}\n")
    return folder


def make_wheel(
    folder: Path, name: str, version: str = "1.0", *, needs: str = "", modules: dict[str, str] | None = None
) -> str:
    """Make a wheel with modules and a script, and return its sha256. needs: more lines of its METADATA."""
    wheel, about = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for module, text in (modules or {f"{name}.py": f"version = {version!r}"}).items():
            archive.writestr(module, text)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/entry_points.txt", f"[console_scripts]\n{name}-script = {name}:main\n")
        archive.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def start(checkout: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [BASE_PYTHON, str(checkout / "manage.py"), *arguments]
    variables = {**os.environ, **environment}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd="/", env=variables, stdout=pipe, stderr=pipe, encoding="utf-8")


def run(checkout: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    process = start(checkout, *arguments, **environment)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def assert_serves(checkout: Path, **environment: str) -> str:
    """Start the stub, check that it ran in the checkout's .venv, and return what was printed before."""
    port = free_port()
    status, output, errors = run(checkout, "serve", "--port", port, **environment)
    assert (status, errors) == (0, "")
    *before, last = output.splitlines()
    assert json.loads(last) == [str(checkout / ".venv"), ["--host", "127.0.0.1", "--port", port]]
    return "\n".join(before)


def assert_refuses(checkout: Path, *arguments: str, sentence: str, **environment: str) -> None:
    status, _, errors = run(checkout, *arguments, **environment)
    assert status == 2
    assert sentence in errors
    assert errors.endswith("\n")
    assert errors.count("\n") == 1


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose .venv two concurrent first starts have made, in the plainest locale."""
    folder = make_checkout(tmp_path_factory.mktemp("manage") / "Mañana, à faire")
    starts = [start(folder, "serve", "--port", "0", LC_ALL="C") for _ in range(2)]
    results = [(*process.communicate(timeout=120), process.returncode) for process in starts]
    assert [(errors, status) for _, errors, status in results] == [("", 0), ("", 0)]
    assert sum("Installing" in output for output, _, _ in results) == 1
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return make_checkout(tmp_path / "checkout")


def state(checkout: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.stat().st_mtime_ns) for path in (checkout / ".venv").rglob("*"))


def test_second_start_installs_nothing(checkout: Path) -> None:
    before = state(checkout)
    assert assert_serves(checkout, PYTHONDONTWRITEBYTECODE="1") == ""
    assert state(checkout) == before


def test_works_where_python_reads_paths_as_ascii(checkout: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    status, output, errors = run(checkout, "serve", "--port", "0", **ascii_only)
    assert (status, errors) == (0, "")
    assert "Installing" not in output


@pytest.mark.parametrize(
    "damage",
    ["bin/python", "pyvenv.cfg", "recado.json", "lib/python{}.{}/site-packages/tiny.py".format(*sys.version_info)],
)
def test_notices_a_damaged_venv(checkout: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    venv = checkout / ".venv"
    for name, value in {"VENV": venv, "PYTHON": str(venv / "bin/python"), "STAMP": venv / "recado.json"}.items():
        monkeypatch.setattr(manage, name, value)
    # The base Python's version text is the venv's, so that this process may judge in its stead.
    assert manage.installed()
    whole, aside = venv / damage, checkout / "aside"
    whole.rename(aside)
    assert manage.installed() == {}
    aside.rename(whole)


def test_test_gives_its_arguments_to_pytest(checkout: Path) -> None:
    status, output, errors = run(
        checkout, "test", "--co", "-k", "this or that", "-x", RECADO_TEST_BROWSER="/some/browser"
    )
    assert (status, errors) == (0, "")
    assert json.loads(output.splitlines()[-1])[1] == ["-n", "auto", "--co", "-k", "this or that", "-x"]


def test_check_stops_at_the_first_failure(checkout: Path) -> None:
    status, output, _ = run(checkout, "check")
    assert status == 7
    assert [line for line in output.splitlines() if line.startswith("==")] == [
        "== Format: ruff format --check .",
        "== Lint: ruff check .",
    ]


def test_a_moved_venv_and_a_failed_installation_are_made_anew(checkout: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(checkout, tmp_path / "moved", symlinks=True)
    requirements = moved / "requirements.txt"
    sound = requirements.read_text()
    requirements.write_text(f"tiny==2.0 --hash=sha256:{'0' * 64}\n")
    unreachable = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    sentence = "pip could not install requirements.txt (is this computer online?)"
    assert_refuses(moved, "serve", "--port", "0", sentence=sentence, **unreachable)
    requirements.write_text(sound)
    assert "Installing" in assert_serves(moved)
    assert assert_serves(moved) == ""


def test_installs_nothing_without_a_hash(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other-1.0-py3-none-any.whl").touch()
    (tmp_path / "requirements.txt").write_text("./other-1.0-py3-none-any.whl\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(manage, "NEW", checkout / ".venv")
    with pytest.raises(manage.ManageError, match="Hashes are required"):
        manage.install(["requirements.txt"])


def test_a_lock_is_installed_as_it_stands_when_everything_has_a_newer_release(empty: Path) -> None:
    index = empty / "index"
    index.mkdir()
    needs = "Requires-Dist: second[more]>=1\n"
    extra = "Provides-Extra: more\nRequires-Dist: third>=1; extra == 'more'\n"
    made = {
        (name, version): make_wheel(index, name, version, needs=more)
        for name, more in (("first", needs), ("second", extra), ("third", ""))
        for version in ("1.0", "2.0")
    }
    with (empty / "requirements.txt").open("a") as lock:
        lock.writelines(f"{name}==1.0 --hash=sha256:{made[name, '1.0']}\n" for name in ("first", "second", "third"))
    where = {"PIP_FIND_LINKS": str(index), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    assert "Installing" in assert_serves(empty, **where)
    versions = "import first, second, third; print(first.version, second.version, third.version)"
    shown = subprocess.check_output([empty / ".venv/bin/python", "-c", versions], text=True)
    assert shown == "1.0 1.0 1.0\n"


def test_a_lock_in_which_something_is_missing_is_refused(empty: Path) -> None:
    digest = make_wheel(empty, "first", needs="Requires-Dist: second\n")
    with (empty / "requirements.txt").open("a") as lock:
        lock.write(f"./first-1.0-py3-none-any.whl --hash=sha256:{digest}\n")
    assert_refuses(empty, "serve", "--port", "0", sentence="first 1.0 requires second, which is not installed.")
    assert not (empty / ".venv").exists()


def test_what_is_there_outlives_an_installation_that_fails(checkout: Path, tmp_path: Path) -> None:
    requirements = checkout / "requirements.txt"
    sound, before = requirements.read_text(), state(checkout)
    requirements.write_text(f"tiny==2.0 --hash=sha256:{'0' * 64}\n")
    unreachable = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    assert_refuses(checkout, "serve", "--port", "0", sentence="(is this computer online?)", **unreachable)
    requirements.write_text(sound)
    assert state(checkout) == before
    assert assert_serves(checkout) == ""


def test_the_same_python_built_anew_keeps_the_environment(checkout: Path) -> None:
    stamp = json.loads((checkout / ".venv/recado.json").read_text())
    assert not [part for part in stamp["maker"] if part in (sys.version, *sys.version.splitlines())]


def test_who_is_killed_between_two_renames_is_mended_by_the_next_start(checkout: Path, tmp_path: Path) -> None:
    (checkout / ".venv").rename(checkout / ".venv.old")
    assert assert_serves(checkout) == ""
    assert not (checkout / ".venv.old").exists()


def test_scripts_and_tracebacks_name_the_place_where_they_are(checkout: Path) -> None:
    assert subprocess.check_output([checkout / ".venv/bin/tiny-script"], text=True) == "tiny\n"
    code = "import tiny; print(tiny.main.__code__.co_filename)"
    shown = subprocess.check_output([checkout / ".venv/bin/python", "-c", code], text=True)
    assert ".venv.new" not in shown
    assert not [path for path in checkout.iterdir() if path.name in (".venv.new", ".venv.old")]


def test_settings_that_are_meant_for_others_do_no_harm(empty: Path, tmp_path: Path) -> None:
    for module in ("tiny", "webapp"):
        (tmp_path / f"{module}.py").write_text("raise RuntimeError('somebody else')")
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nuser = true\n")
    pip = {"PIP_USER": "1", "PIP_CONFIG_FILE": str(config)}
    python = {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(tmp_path), "PYTHONUSERBASE": str(tmp_path)}
    assert "Installing" in assert_serves(empty, **pip, **python)
    assert assert_serves(empty, **pip, **python) == ""


def test_says_that_the_port_is_taken(empty: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        sentence = f"Port {port} on 127.0.0.1 is taken; choose another with --port."
        assert_refuses(empty, "serve", "--port", port, sentence=sentence)
    assert not (empty / ".venv").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--port", "65536"], "a port is a number from 0 to 65535, not 65536"),
        (["serve", "--port", "http"], "a port is a number from 0 to 65535, not http"),
        (["serve", "--host", "nowhere.invalid"], "cannot listen on nowhere.invalid"),
        (["serve", "--host", "a" * 70], "cannot listen on aaaa"),
        (["serve", "--debug", "--host", "0.0.0.0"], "--debug"),
        (["serve", "--debug", "--host", "example.org"], "--debug"),
        (["serve", "now"], "Unknown argument now"),
        (["server"], "invalid choice: 'server'"),
    ],
)
def test_says_what_is_wrong_with_an_argument(empty: Path, arguments: list[str], sentence: str) -> None:
    assert_refuses(empty, *arguments, sentence=sentence)
    assert not (empty / ".venv").exists()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.8.9.1", True), ("::1", True), ("192.0.2.1", False), ("::", False), ("", False)],
)
def test_debug_is_for_loopback_hosts(host: str, loopback: bool) -> None:
    assert manage.is_loopback(host) is loopback


def test_says_that_the_folder_cannot_be_written(empty: Path) -> None:
    # Root may write into any folder, but nobody can make a folder where a file is.
    (empty / ".venv.new").write_text("")
    assert_refuses(
        empty, "serve", "--port", "0", sentence=f"Cannot read or write {empty / '.venv.new'}: Not a directory."
    )


def test_says_which_debian_package_is_missing(empty: Path, tmp_path: Path) -> None:
    # As Debian does, hide ensurepip and leave venv.
    hide = "import importlib.util as util; find = util.find_spec"
    hide += "; util.find_spec = lambda name, *rest: name != 'ensurepip' and find(name, *rest) or None"
    (tmp_path / "sitecustomize.py").write_text(hide)
    assert_refuses(empty, "serve", "--port", "0", sentence="apt install python3-venv", PYTHONPATH=str(tmp_path))


def test_an_old_python_is_told_so() -> None:
    ast.parse(MANAGE.read_text(encoding="utf-8"), feature_version=(3, 6))
    with pytest.raises(manage.ManageError, match=r"Python 3\.11 or newer; this is Python 3\.10\."):
        manage.check_python((3, 10, 14, "final", 0))


def test_help_is_for_whoever_gives_no_command(empty: Path) -> None:
    status, output, errors = run(empty)
    assert (status, errors) == (0, "")
    assert all(command in output for command in ("serve", "test", "check"))


def test_ci_does_not_skip_the_browser_tests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECADO_TEST_BROWSER", "")
    monkeypatch.setenv("CI", "")
    manage.choose_browser()
    assert capsys.readouterr().out.startswith("SKIPPED: the browser tests")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(manage.ManageError, match="browser"):
        manage.choose_browser()


def test_finds_a_browser_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(manage, "BROWSER_FOLDERS", (str(tmp_path / "$UNSET"), "%UNSET%"))
    assert manage.find_browser() == ""
    browser = tmp_path / "chromium"
    browser.touch(mode=0o700)
    assert manage.find_browser() == str(browser)
