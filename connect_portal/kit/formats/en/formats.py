"""Days and moments as `look.when` writes them: in figures, the zone said."""

DATE_FORMAT = SHORT_DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = r"Y-m-d H:i:s \U\T\C"
TIME_FORMAT = "H:i:s"
