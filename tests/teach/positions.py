"""Values of the controls of a figure to test."""


def possible_values(control):
    """List values of a control: all choices, or both limits and the default."""
    if control.kind == "choice":
        return [value for value, _ in control.choices]
    if control.kind == "switch":
        return [False, True]
    low, high = control.span
    kind = int if control.is_integer else float
    return [kind(low), control.value, kind(high)]


def positions_of(plan):
    """Yield values and scene for each value of each control, the others at their defaults, without invalid values."""
    for control in plan.controls:
        for value in possible_values(control):
            values = {control.name: value}
            try:
                yield plan.check(values), plan.scene(**values)
            except ValueError as error:
                if not str(error).startswith(tuple(f"`{each.name}` must" for each in plan.controls)):
                    raise
