"""The header by which a client says what the simulator is to play. The API hands it in, and knows nothing of scenarios."""

from collections.abc import Mapping

from providers import registry
from providers.sandbox import scenarios
from providers.sandbox.adapter import SandboxProvider

NAME = scenarios.HEADER
VALUES = tuple(scenarios.SCENARIOS)


class BadScenario(ValueError):
    """The header cannot be used as it is; the message says what would be right."""


def read(headers: Mapping[str, str], provider: str | None, *, is_test: bool) -> str:
    """The scenario to be played at this provider; empty without the header.

    `provider` None: the giver is to pick one, so there is no checkout yet that could play anything. Raises BadScenario.
    """
    name = headers.get(NAME)
    if name is None:
        return ""
    if provider is None:
        raise BadScenario(
            f"{NAME} needs a ProviderName where the giver could pick one: name the provider, use one of the "
            "amounts that play a scenario, or choose it on the simulator's page."
        )
    if not is_test:
        raise BadScenario(f"{NAME} is for the simulator, which plays nothing for a live key: leave it out, or use a test key.")
    if registry.adapter_offered(provider, is_test=is_test).key != SandboxProvider.key:
        raise BadScenario(f"{NAME} is for the simulator, and {provider} is not simulated here: leave it out.")
    if name not in scenarios.SCENARIOS:
        raise BadScenario(f"{NAME} must be one of {', '.join(scenarios.SCENARIOS)}.")
    return name
