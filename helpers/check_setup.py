"""Is everything that the course needs on this computer?

    python -m helpers.check_setup [--report FILE]

This is only the entrance: the check belongs to the set-up; its modules are in setup/check/.
"""

from pathlib import Path

from helpers import tab

__path__ = [str(Path(__file__).resolve().parent.parent / "setup" / "check")]

if tab.HERE:
    from helpers.tab import check_setup  # noqa: F401 (lesson 00)
else:
    from helpers.check_setup.report import check_setup, main  # noqa: F401

if __name__ == "__main__":
    main()
