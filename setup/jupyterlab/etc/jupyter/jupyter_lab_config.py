"""JupyterLab as the course opens it. The set-up copies this folder into the environment.

Beside this file: settings (no questions, nothing from the network), and a workspace in which the
table of contents is open. JupyterLab goes on to keep there which lessons are open.
"""

from pathlib import Path

LAB = Path(__file__).resolve().parents[2] / "share" / "jupyter" / "lab"

c = get_config()  # noqa: F821 (Jupyter provides it)
c.LabApp.app_settings_dir = str(LAB / "settings")
c.LabApp.workspaces_dir = str(LAB / "workspaces")
c.LabApp.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
