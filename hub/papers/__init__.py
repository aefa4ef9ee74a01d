"""Papers: what is to be printed, as Word, as a workbook and as PDF. It knows no trade: a paper is headings,
facts, tables, and places to sign.

Page, margins and sizes of letters are those of GB/T 9704-2012 (A4, 37 mm above, 28 mm at the binding,
156 × 225 mm of text; title 22 pt, text and headings 16 pt, page numbers 14 pt as — 1 —). Tables are smaller,
10.5 pt, or they would not fit. The same paper is the same bytes, so that a file can be known by its hash;
properties name nobody.
"""
