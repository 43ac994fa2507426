"""Every setting, its default and its variable; the only reader of the environment."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from webapp.installation import ConfigurationError as ConfigurationError
from webapp.installation import data_folder, secret_key

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"en": "English", "es": "Español"}
THEMES = ("auto", "light", "dark")

MAX_BODY = 256 * 1024  # bytes of one request's body
MAX_FORM_MEMORY = 64 * 1024  # bytes of a form's fields together
MAX_FORM_PARTS = 64  # parts of a multipart form
REGISTRATIONS = ("open", "invite", "closed")
OFF = "off"
NUMBER = r"[1-9][0-9]{0,8}"
PREFIX = r"(?:/[A-Za-z0-9._~-]+)*"  # a path that needs no encoding
RATE = r"off|[1-9][0-9]{0,8}/(second|minute|hour|day)"
MEMORY = "memory://"
STORAGE = r"memory://|rediss?://[^\s/]\S*"


@dataclass(frozen=True)
class Config:
    """What one installation is told from outside."""

    data: Path
    database_url: str | URL
    secret_key: str
    public_url: str | None = None
    registration: str = REGISTRATIONS[0]  # who may make an account: anybody, who was invited, nobody
    todos_per_guest: int = 5_000  # with those in the trash
    todos_per_account: int = 2_000_000
    guests: bool = True  # whether somebody may begin a list by a name alone
    proxies: int = 0  # how many stand before the app and add to X-Forwarded-For
    rate_limit: str = OFF  # how often a program may come, such as 600/minute
    rate_limit_storage: str = MEMORY  # where that is counted
    cors_origins: tuple[str, ...] = ()  # whose scripts may use the API
    debug_routes: bool = False  # `/debug/error`, for --debug and tests only

    @property
    def https(self) -> bool:
        return bool(self.public_url and self.public_url.startswith("https://"))

    @property
    def origin(self) -> str | None:
        """The public address without its path."""
        return self.public_url and self.public_url.removesuffix(self.prefix)

    @property
    def prefix(self) -> str:
        """The path beneath which people reach Recado, such as `/recado`; nothing where it has the host for itself."""
        return urlsplit(self.public_url or "").path

    @property
    def _trusted_hosts(self) -> list[str] | None:
        host = urlsplit(self.public_url or "").hostname
        return [host] if host and ":" not in host else None  # Werkzeug's check knows no IPv6 address

    def flask(self) -> dict[str, Any]:
        """The same as Flask's and the extensions' own settings."""
        return {
            "SECRET_KEY": self.secret_key,
            # A name that begins so, no other host can set; and, with Host, no other path (RFC 6265bis).
            "SESSION_COOKIE_NAME": (("__Secure-" if self.prefix else "__Host-") if self.https else "") + "recado",
            "SESSION_COOKIE_PATH": self.prefix or "/",
            "SESSION_COOKIE_SECURE": self.https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "MAX_CONTENT_LENGTH": MAX_BODY,
            "MAX_FORM_MEMORY_SIZE": MAX_FORM_MEMORY,
            "MAX_FORM_PARTS": MAX_FORM_PARTS,
            "TRUSTED_HOSTS": self._trusted_hosts,
            "WTF_CSRF_CHECK_DEFAULT": False,  # http/origin.py decides
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_I18N_ENABLED": False,  # our messages are our own; WTForms' would be read from disk at each request
            "BOOTSTRAP_SERVE_LOCAL": True,
            "BABEL_DEFAULT_LOCALE": next(iter(LANGUAGES)),
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "webapp" / "translations"),
            "APPLICATION_ROOT": self.prefix or "/",
            "PUBLIC_ORIGIN": self.origin,
            "REGISTRATION": self.registration,
            "GUESTS": self.guests,
            "TODOS_PER_GUEST": self.todos_per_guest,
            "TODOS_PER_ACCOUNT": self.todos_per_account,
            "PROXIES": self.proxies,
            "HTTPS": self.https,
            "RATE_LIMIT": self.rate_limit,
            "RATE_LIMIT_STORAGE": self.rate_limit_storage,
            "CORS_ORIGINS": self.cors_origins,
        }


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the settings; makes the data folder and the secret key on first start.

    Raises ConfigurationError with one clear sentence where a value will not do.
    """
    data = data_folder(Path(environ.get("RECADO_DATA") or ROOT / "instance"))
    origins = environ.get("RECADO_CORS_ORIGINS", "")
    return Config(
        data=data,
        database_url=_database_url(environ.get("RECADO_DATABASE_URL"), data),
        secret_key=secret_key(environ.get("RECADO_SECRET_KEY"), data),
        public_url=public_url(environ.get("RECADO_PUBLIC_URL"), "RECADO_PUBLIC_URL", PREFIX),
        registration=_choice(environ, "RECADO_REGISTRATION", REGISTRATIONS),
        guests=_choice(environ, "RECADO_GUESTS", ("on", "off")) == "on",
        todos_per_guest=int(_shaped(environ, "RECADO_TODOS_PER_GUEST", NUMBER, "5000")),
        todos_per_account=int(_shaped(environ, "RECADO_TODOS_PER_ACCOUNT", NUMBER, "2000000")),
        proxies=int(_choice(environ, "RECADO_PROXIES", [str(number) for number in range(10)])),
        rate_limit=_shaped(environ, "RECADO_RATE_LIMIT", RATE, "600/minute", "10/second", OFF),
        rate_limit_storage=_shaped(environ, "RECADO_RATE_LIMIT_STORAGE", STORAGE, MEMORY, "redis://host:6379/0"),
        cors_origins=tuple(str(public_url(one, "RECADO_CORS_ORIGINS")) for one in origins.split()),
        debug_routes=environ.get("FLASK_DEBUG") == "1",
    )


def _choice(environ: Mapping[str, str], name: str, values: Sequence[str]) -> str:
    value = environ.get(name) or values[0]
    if value not in values:
        raise ConfigurationError(f"{name} is {value!r}; it can be: {', '.join(values)}.")
    return value


def _database_url(value: str | None, data: Path) -> URL:
    if not value:
        return URL.create("sqlite", database=str(data / "recado.sqlite3"))  # whatever the folder is called
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise ConfigurationError(
            "RECADO_DATABASE_URL is not a database address such as postgresql://user:password@host/name."
        ) from error
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ConfigurationError(f"RECADO_DATABASE_URL: Recado runs on sqlite and postgresql, not on {backend}.")
    if backend == "sqlite" and (not url.database or ":memory:" in url.database or "mode" in url.query):
        raise ConfigurationError("RECADO_DATABASE_URL: name a file, such as sqlite:////var/lib/recado/recado.sqlite3.")
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url


def public_url(value: str | None, name: str, path: str = "") -> str | None:
    """An address as browsers write it in Origin, with a path of this shape; raises ConfigurationError, with the
    setting's name, for any other."""
    if not value:
        return None
    parts = urlsplit(value)
    prefix = parts.path.rstrip("/")
    more = not re.fullmatch(path, prefix) or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        may_be = "a path of plain letters" if path else "no path"
        raise ConfigurationError(f"{name} is not an address such as https://todo.example.org ({may_be}, no query).")
    host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    try:
        host = host.encode("idna").decode()  # as browsers send it
    except UnicodeError as error:
        raise ConfigurationError(f"{name} has a host name that cannot be one: {parts.hostname}.") from error
    return f"{parts.scheme}://{host}{prefix}"


def is_public(host: str, public_url: str | None) -> bool:
    """Whether others than this machine's own users may come: it listens to them, or they are told an address."""
    names = [host, *([urlsplit(public_url).hostname or ""] if public_url else [])]
    return not all(name == "localhost" or _is_loopback(name) for name in names)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _shaped(environ: Mapping[str, str], name: str, shape: str, *examples: str) -> str:
    """A setting of this shape; the first example is its default."""
    value = environ.get(name) or examples[0]
    if not re.fullmatch(shape, value):
        raise ConfigurationError(f"{name} cannot be understood; it can be, say: {', '.join(examples)}.")
    return value
