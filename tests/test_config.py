"""Settings come from the environment; a bad one is told in one sentence."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url

from webapp.config import Config, ConfigurationError, from_environment


def read(tmp_path: Path, **environ: str) -> Config:
    return from_environment({"RECADO_DATA": str(tmp_path)} | environ)


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.database_url == make_url(f"sqlite:///{tmp_path / 'recado.sqlite3'}")
    assert config.public_url is None
    assert not config.debug_routes


def test_the_secret_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    key = read(tmp_path).secret_key
    assert len(key) >= 32
    assert read(tmp_path).secret_key == key
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_eight_starts_at_once_agree_on_one_secret_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: read(tmp_path).secret_key, range(8)))
    assert len(set(keys)) == 1


def test_a_postgresql_address_gets_the_driver_that_is_installed(tmp_path: Path) -> None:
    config = read(tmp_path, RECADO_DATABASE_URL="postgresql://ana:pass%2Fword@db/recado")
    assert config.database_url == make_url("postgresql+psycopg://ana:pass%2Fword@db/recado")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RECADO_DATABASE_URL", "nonsense", "is not a database address"),
        ("RECADO_DATABASE_URL", "mysql://localhost/recado", "not on mysql"),
        ("RECADO_DATABASE_URL", "sqlite://", "name a file"),
        ("RECADO_SECRET_KEY", "short", "too short"),
        ("RECADO_PUBLIC_URL", "todo.example.org", "not an address"),
        ("RECADO_PUBLIC_URL", "https://example.org/to do", "plain letters"),
        ("RECADO_PUBLIC_URL", "javascript:alert(1)", "not an address"),
        ("RECADO_PUBLIC_URL", "https://ana:secret@example.org", "not an address"),
        ("RECADO_PUBLIC_URL", "https://example.org/#todo", "no query"),
    ],
)
def test_a_bad_value_is_told_in_one_sentence(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(tmp_path, **{name: value})
    assert name in str(error.value)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"RECADO_DATA: the folder .* cannot be made"):
        read(tmp_path / "file" / "folder")


def test_a_damaged_secret_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(ConfigurationError, match="damaged"):
        read(tmp_path)
    assert (tmp_path / "secret_key").read_text() == "short"


def test_https_makes_the_cookie_a_host_cookie(tmp_path: Path) -> None:
    settings = read(tmp_path, RECADO_PUBLIC_URL="https://todo.example.org/").flask()
    assert settings["SESSION_COOKIE_NAME"] == "__Host-recado"
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["PUBLIC_ORIGIN"] == "https://todo.example.org"
