"""The guide's examples in other words: each `http` request as a curl command and as a program in four languages.

Every function makes the text of one language from the same request; a test runs what they make and compares what arrives.
"""

import json
import shlex
from dataclasses import dataclass

BASE = "https://give.example.org"


@dataclass(frozen=True)
class Asked:
    """A request of the guide: `path` with its query, `headers` in their order, `body` as it is sent."""

    verb: str
    path: str
    headers: dict[str, str]
    body: str


def asked_in(block: str) -> Asked | None:
    """The request that a fenced block shows; None for an answer."""
    head, _, body = block.partition("\n\n")
    first, *lines = head.split("\n")
    if first.startswith("HTTP/"):
        return None
    verb, path, _ = first.split(" ")
    return Asked(verb, path, dict(line.split(": ", 1) for line in lines), body.strip("\n"))


def in_curl(asked: Asked) -> str:
    """A shell command."""
    words = [f"-X {asked.verb}"] if asked.verb != ("POST" if asked.body else "GET") else []
    if asked.verb == "HEAD":
        words = ["--head"]  # with -X it would wait for a body
    words += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in asked.headers.items()]
    words += [f"--data-binary {shlex.quote(asked.body)}"] if asked.body else []
    return " \\\n  ".join([f"curl -sSi {shlex.quote(BASE + asked.path)}", *words])


def in_python(asked: Asked) -> str:
    """With the package requests."""
    lines = [f"    {_text(asked.verb)},", f"    {_text(BASE + asked.path)},"]
    if asked.headers:
        lines += [
            "    headers={",
            *(f"        {_text(name)}: {_text(value)}," for name, value in asked.headers.items()),
            "    },",
        ]
    if asked.body:
        lines.append(f'    data="""{_escaped(asked.body)}""".encode(),')
    lines += ["    allow_redirects=False,", "    timeout=40,"]
    return "\n".join(
        ["import requests", "", "answer = requests.request(", *lines, ")", "print(answer.status_code, answer.text)"]
    )


def in_javascript(asked: Asked) -> str:
    """With fetch, which browsers and Node.js have."""
    lines = [f"  method: {_text(asked.verb)},"]
    if asked.headers:
        lines += ["  headers: {", *(f"    {_text(name)}: {_text(value)}," for name, value in asked.headers.items()), "  },"]
    if asked.body:
        body = _escaped(asked.body).replace("`", "\\`").replace("${", "\\${")
        lines.append(f"  body: `{body}`,")
    lines.append('  redirect: "manual",')
    url = _text(BASE + asked.path)
    return "\n".join(
        [f"const answer = await fetch({url}, {{", *lines, "});", "console.log(answer.status, await answer.text());"]
    )


def in_php(asked: Asked) -> str:
    """With the curl extension."""
    lines = [f"    CURLOPT_CUSTOMREQUEST => {_single(asked.verb)},", "    CURLOPT_RETURNTRANSFER => true,"]
    if asked.headers:
        headers = [f"        {_single(f'{name}: {value}')}," for name, value in asked.headers.items()]
        lines += ["    CURLOPT_HTTPHEADER => [", *headers, "    ],"]
    if asked.verb == "HEAD":
        lines.append("    CURLOPT_NOBODY => true,")
    if asked.body:
        lines.append(f"    CURLOPT_POSTFIELDS => {_single(asked.body)},")
    url = _single(BASE + asked.path)
    return "\n".join(
        [f"$request = curl_init({url});", "curl_setopt_array($request, [", *lines, "]);", "$answer = curl_exec($request);",
         "echo curl_getinfo($request, CURLINFO_RESPONSE_CODE), ' ', $answer;"]
    )  # fmt: skip


def in_ruby(asked: Asked) -> str:
    """With Ruby's own library."""
    lines = [f"request = Net::HTTP::{asked.verb.capitalize()}.new(address)"]
    lines += [f"request[{_single(name)}] = {_single(value)}" for name, value in asked.headers.items()]
    lines += [f"request.body = {_single(asked.body)}"] if asked.body else []
    send = "Net::HTTP.start(address.host, address.port, use_ssl: address.scheme == 'https') { |http| http.request(request) }"
    return "\n".join(
        ["require 'net/http'", "", f"address = URI({_single(BASE + asked.path)})", *lines, f"answer = {send}",
         "puts answer.code, answer.body"]
    )  # fmt: skip


LANGUAGES = {
    "curl": ("sh", in_curl),
    "Python": ("python", in_python),
    "JavaScript": ("javascript", in_javascript),
    "PHP": ("php", in_php),
    "Ruby": ("ruby", in_ruby),
}
"""The title of each tab, the language that colours it, and who writes it."""


def tabs_of(block: str) -> str:
    """Markdown: the request as it is and in every language, one tab each; an answer as it is."""
    asked = asked_in(block)
    if asked is None:
        return f"```http\n{block}\n```"
    shown = [_tab("HTTP", "http", block)]
    shown += [_tab(title, colour, write(asked)) for title, (colour, write) in LANGUAGES.items()]
    return "\n\n".join(shown)


def _tab(title: str, colour: str, text: str) -> str:
    lines = [f"```{colour}", *text.split("\n"), "```"]
    return "\n".join([f'=== "{title}"', "", *(f"    {line}" if line else "" for line in lines)])


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")


def _single(text: str) -> str:
    return "'" + _escaped(text).replace("'", "\\'") + "'"
