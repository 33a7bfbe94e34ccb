"""A plan to verdicts: collect, judge, decide, under one clock and one policy."""

from __future__ import annotations

from dataclasses import replace

from supplychain.access.environment import Environment
from supplychain.core.verdict import Verdict
from supplychain.verify.collect import collect
from supplychain.verify.judge import all_checks, judge
from supplychain.verify.plan import Plan


def verdicts_of(plan: Plan, environment: Environment) -> tuple[Verdict, ...]:
    """Return the verdict on every target of a plan, in the plan's order."""
    checks = all_checks()
    known = replace(environment, compose=plan.compose, builds=plan.builds)
    dossiers = collect(plan.targets, known)
    return tuple(judge(dossier, checks, known.policy, known.now) for dossier in dossiers)
