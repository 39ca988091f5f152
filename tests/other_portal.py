"""A portal in a process of its own: ``python -m tests.other_portal PORT``, on the test's database.

As quick as the one in the test's process: light password hashes, static files not collected.
"""

import sys

import uvicorn

from connect_portal import settings

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}

if __name__ == "__main__":
    uvicorn.run("connect_portal.asgi:application", port=int(sys.argv[1]), log_level="warning")
