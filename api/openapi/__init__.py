"""The OpenAPI description: made from the routes, the resources, the records' tables, the XSD and the table of errors.

What those tables cannot say, a sentence for a person and what an operation answers with, stands in words.py and operations.py;
tests/api/openapi says what is missing there, and where to write it.
"""
