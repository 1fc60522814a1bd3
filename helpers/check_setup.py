"""Is everything here that the course needs?

    python -m helpers.check_setup [--report FILE]

This is the door only: the check belongs to the set-up, and its modules lie in setup/check/.
"""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parent.parent / "setup" / "check")]

from helpers.check_setup.report import check_setup, main  # noqa: E402, F401 (lesson 00)

if __name__ == "__main__":
    main()
