"""Recado: one to-do list for pages, for htmx and for programs, by the same views."""

from flask import Blueprint, Flask, Response
from flask.templating import DispatchingJinjaLoader
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import assets, auth, cli, crypto, hybrid, security, sessions
from webapp.accounts import links, second_step
from webapp.accounts.views import bp as accounts_bp
from webapp.admin.views import bp as admin_bp
from webapp.api import pages as reference
from webapp.api import problems
from webapp.api.views import bp as api_bp
from webapp.batch.views import bp as batch_bp
from webapp.changes.views import bp as changes_bp
from webapp.config import ROOT, Config, from_environment
from webapp.contract.operations import CONTRACT
from webapp.db import Database
from webapp.health import Readiness
from webapp.http import until_settled
from webapp.http.prefix import under_prefix
from webapp.logs import mask_logs
from webapp.models.todos.epoch import begin_epoch
from webapp.settings import export, leaving, passkeys, password, second_factor, tokens
from webapp.settings import sessions as own_sessions
from webapp.settings import todo_backend as own_todo_backend
from webapp.settings.views import bp as settings_bp
from webapp.todo_backend.views import blueprint as todo_backend_blueprint
from webapp.todos.trash.views import bp as trash_bp
from webapp.todos.views import bp as todos_bp
from webapp.welcome.views import bp as welcome_bp

BLUEPRINTS = (
    welcome_bp,
    accounts_bp,
    links.bp,
    second_step.bp,
    admin_bp,
    settings_bp,
    own_sessions.bp,
    password.bp,
    second_factor.bp,
    passkeys.bp,
    tokens.bp,
    own_todo_backend.bp,
    export.bp,
    leaving.bp,
    todos_bp,
    trash_bp,
)
API_BLUEPRINTS = (api_bp, todos_bp, trash_bp, changes_bp, batch_bp)  # the same views, and some of no use to pages


class Recado(Flask):
    """Flask, with full pages in `templates/` and HTML fragments in `partials/`."""

    jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}  # noqa: RUF012

    def full_dispatch_request(self) -> Response:
        return until_settled(super().full_dispatch_request)

    def create_global_jinja_loader(self) -> BaseLoader:  # type: ignore[override]
        partials = PrefixLoader({"partials": FileSystemLoader(ROOT / "partials")})
        return ChoiceLoader([partials, DispatchingJinjaLoader(self)])  # the latter: templates/, then extensions'


def create_app(config: Config | None = None) -> Flask:
    """Make the app: the database, then the response layer, then the blueprints.

    Raises ConfigurationError when a setting is wrong or the database cannot be used.
    """
    mask_logs()
    config = config or from_environment()
    app = Recado(__name__, root_path=str(ROOT))
    app.config.from_mapping(config.flask())
    if proxies := config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]

    if config.prefix:
        app.wsgi_app = under_prefix(app.wsgi_app, config.prefix)  # type: ignore[method-assign,assignment]

    database = Database(config.database_url)
    database.upgrade(begin_epoch)
    app.extensions["database"] = database
    app.extensions["readiness"] = Readiness(database)
    Bootstrap5(app)
    CSRFProtect(app)
    assets.init_app(app)
    cli.init_app(app)

    crypto.init_app(app)
    sessions.init_app(app)
    auth.init_app(app)
    security.init_app(app)
    hybrid.init_app(app, guards=security.GUARDS)
    app.extensions["contract"] = CONTRACT
    for blueprint in (*BLUEPRINTS, _api_blueprint(), todo_backend_blueprint(todos_bp)):
        app.register_blueprint(blueprint)
    app.register_blueprint(problems.bp, url_prefix="/api/problems")
    app.register_blueprint(reference.bp, url_prefix="/api")
    if config.debug_routes:
        for path in ("/debug/error", "/api/v1/debug/error"):
            app.add_url_rule(path, view_func=hybrid.fail)
    return app


def _api_blueprint() -> Blueprint:
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for blueprint in API_BLUEPRINTS:
        api.register_blueprint(blueprint)
    return api
