"""A contract as a PDF: the text that is signed, typeset. Plain functions without tables.

``reading`` finds the blocks of a text, ``setting`` sets them on pages, ``script`` writes what runs
from right to left, ``keys`` makes what seals, ``sealing`` seals the file and judges a seal.
"""
