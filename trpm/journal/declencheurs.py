"""Le journal s'ajoute : la base refuse d'en changer une ligne, et d'en ôter une avant son jour."""

from trpm.base.declencheurs import Garde

INTACT = "Le journal s’ajoute\xa0: une ligne ne se modifie pas."
GARDEE = "Le journal garde cette ligne jusqu’au jour que dit la règle."
TABLE = "trpm_actenote"
GARDES = (
    Garde("journal_intact", "UPDATE", TABLE, INTACT),
    Garde("journal_garde", "DELETE", TABLE, GARDEE, "OLD.garde_jusqu_au >= CURRENT_DATE"),
)
