"""Composition: every setting, read from the environment once. No logic lives here.

Unset ``DATABASE_URL`` and ``REDIS_URL`` mean the embedded services that ``manage.py up`` starts.
README lists the variables; ``manage.py check`` names what is missing.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from connect_portal.kit.env import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
_env = Environment.of_process(BASE_DIR)

# --- where we stand -----------------------------------------------------------------------------
DATA_DIR = _env.data_dir
EMBEDDED = _env.embedded
DEMO = _env.flag("DEMO")
PORTAL_PORT = _env.number("PORTAL_PORT", 8000)
SANDBOX_PORT = _env.number("SANDBOX_PORT", 8100)
PUBLIC_URL = _env.url("PUBLIC_URL", f"http://localhost:{PORTAL_PORT}", "http", "https")
TRUSTED_PROXIES = _env.number("TRUSTED_PROXIES", 0)
_public = urlsplit(PUBLIC_URL)
_https = _public.scheme == "https"

# --- secrets ------------------------------------------------------------------------------------
SECRET_KEY = _env.secret("SECRET_KEY")
VAULT = _env.vault_keys()
SEAL_PKCS12, SEAL_PASSPHRASE = _env.text("SEAL_PKCS12"), _env.text("SEAL_PASSPHRASE")

# --- the venue: one per installation; unset means the sandbox -----------------------------------
VENUE_NAME = _env.venue_name()
VENUE_URL = _env.venue_url("VENUE_URL", f"http://127.0.0.1:{SANDBOX_PORT}")
VENUE_WS_URL = _env.venue_url("VENUE_WS_URL", f"ws://127.0.0.1:{SANDBOX_PORT}/ws/v5")
SANDBOX_UNFILLED_KEPT_S = _env.number("SANDBOX_UNFILLED_KEPT_S", 7200)
SANDBOX_OPERATOR_KEY = _env.secret("SANDBOX_OPERATOR_KEY") if VENUE_NAME == "sandbox" else ""

CERTIFICATION_RUN_S = _env.number("CERTIFICATION_RUN_S", 7200)
CERTIFICATION_QUIET_S = _env.number("CERTIFICATION_QUIET_S", 60)

VENUE_OAUTH_URL, VENUE_OAUTH_CLIENT_ID, VENUE_OAUTH_CLIENT_SECRET = _env.venue_oauth(VENUE_URL)

# --- rooms --------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "connect_portal.demo",
    "connect_portal.monitoring",
    "connect_portal.settlement",
    "connect_portal.certification",
    "connect_portal.gateway",
    "connect_portal.trades",
    "connect_portal.authorizations",
    "connect_portal.institutions",
    "connect_portal.terms",
    "connect_portal.people",
    "connect_portal.audit",
    "connect_portal.venue",
    "connect_portal.sandbox",
    "connect_portal.kit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "oauth2_provider",
    "django.contrib.admin.apps.SimpleAdminConfig",  # our own site, see kit/admin.py
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",  # allauth's pages say how long ago
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "connect_portal.people.middleware.StaffSecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "connect_portal.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- what applicants hand in --------------------------------------------------------------------
UPLOAD_MOST_BYTES = _env.number("DOCUMENT_MOST_MB", 10) * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024  # of a form beside its files; a template takes a third
FILE_UPLOAD_HANDLERS = [
    "connect_portal.kit.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DOCUMENT_SCANNER = _env.text("DOCUMENT_SCANNER")
OWNER_SHARE_PERCENT = _env.percent("OWNER_SHARE_PERCENT", 25)
CONTRACT_NOTICE_DAYS = _env.days("CONTRACT_NOTICE_DAYS", "60,30,7", below=365)

# --- data ---------------------------------------------------------------------------------------
DATABASES = {"default": _env.database()}
REDIS_URL = _env.redis() or "redis://127.0.0.1:6379/0"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en-us"
USE_I18N = False
FORMAT_MODULE_PATH = "connect_portal.kit.formats"

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
ACCOUNT_ADAPTER = "connect_portal.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "connect_portal.people.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"  # a letter goes out, signing in does not wait for it
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_ADAPTER = "connect_portal.people.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Connect Portal"
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # a self-hosted site may have no mail at all
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https
USERSESSIONS_TRACK_ACTIVITY = False  # a row update on every request
OAUTH2_PROVIDER_APPLICATION_MODEL = "authorizations.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "authorizations.AuthorizationCode"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "authorizations.AccessToken"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "authorizations.RefreshToken"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "authorizations.IDToken"
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.WebApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "connect_portal.authorizations.oauth.validator.Validator",
    "ACCESS_TOKEN_GENERATOR": "connect_portal.authorizations.oauth.generators.access_token",
    "REFRESH_TOKEN_GENERATOR": "connect_portal.authorizations.oauth.generators.refresh_token",
    "SCOPES": {"read_only": "See balances, orders and fills", "trade": "Place and cancel orders"},
    "DEFAULT_SCOPES": ["read_only"],
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3_600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 3 * 86_400,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"] if _https else ["http", "https"],
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "people_public:start"
LOGOUT_REDIRECT_URL = "institutions_public:home"

# --- jobs: a message is a wake-up only, rows in PostgreSQL say what is due ----------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = 2
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    # A wake-up that cannot be sent at once is not worth a person's wait.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_TIMEZONE = "UTC"

# --- pages --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Compressing costs a first start seconds, and loopback gains nothing by it.
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
_self = ["'self'"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": _self,
        "style-src": _self,
        "img-src": [*_self, "data:"],
        "font-src": _self,
        "connect-src": _self,
        "form-action": _self,
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": _self,
    }
}

# --- the wire between us and the browser --------------------------------------------------------
DEBUG = False
ALLOWED_HOSTS = [_public.hostname or "localhost"]
if EMBEDDED:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = int(timedelta(days=7).total_seconds())
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- letters ------------------------------------------------------------------------------------
_email = _env.email()
globals().update(_email)
DEFAULT_FROM_EMAIL = f"Connect Portal <no-reply@{_public.hostname or 'localhost'}>"

# --- log ----------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}

ENVIRONMENT_PROBLEMS = _env.problems
