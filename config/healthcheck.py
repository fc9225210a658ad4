"""Whether the server on this machine is ready, for a container's HEALTHCHECK: `python -m config.healthcheck [PORT]`.

Exit status 0 where /readyz answers 200; 1 where it says something else, which is printed, or nobody answers.
"""

import sys
from http.client import HTTPConnection, HTTPException

PORT = 8000
SECONDS = 5.0


def main(arguments: list[str]) -> int:
    """The exit status."""
    connection = HTTPConnection("127.0.0.1", int(arguments[0]) if arguments else PORT, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = answer.read(200).decode(errors="replace").strip()
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"nobody answers: {error}\n")
        return 1
    finally:
        connection.close()
    sys.stdout.write(f"{said}\n")
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
