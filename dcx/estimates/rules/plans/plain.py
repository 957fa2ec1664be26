"""Helpers of configurations that live in Terraform alone and exist in no cloud."""

from dcx.estimates.rules.plans.found import Rule, costs_nothing

_NOTHING = costs_nothing("It exists in Terraform alone.")
RULES: dict[str, Rule] = {
    "null_resource": _NOTHING,
    "terraform_data": _NOTHING,
    "template_dir": _NOTHING,
}
_FAMILIES = ("random_", "local_", "tls_", "time_", "cloudinit_", "ansible_")


def rule_of(kind: str) -> Rule | None:
    return RULES.get(kind) or (_NOTHING if kind.startswith(_FAMILIES) else None)
