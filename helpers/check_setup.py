"""Is everything that the course needs on this computer?

    python -m helpers.check_setup [--report FILE]

This is only the entrance: the check belongs to the set-up; its modules are in setup/check/.
"""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parent.parent / "setup" / "check")]

from helpers.check_setup.report import check_setup, main  # noqa: E402, F401 (lesson 00)

if __name__ == "__main__":
    main()
