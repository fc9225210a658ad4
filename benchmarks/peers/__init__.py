"""The same small part of the API as four frameworks' own documentation would have it written, on the service's own tables.

Each checks the key, whose record it is, and the ETag, and answers the same bytes. None of them logs, counts or limits anything,
so that what the service does besides is never to the advantage of its ratios.
"""
