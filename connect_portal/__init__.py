"""Connect Portal: an exchange's Connect programme as one self-hosted site.

Rooms by domain, doors by audience. The Celery application is imported here so that jobs find
their broker in every process that loads Django.
"""

from connect_portal.celery import app as celery_app

__all__ = ["celery_app"]
