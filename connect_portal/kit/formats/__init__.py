"""How Django itself writes days and moments, by language: on the pages that are not ours."""
