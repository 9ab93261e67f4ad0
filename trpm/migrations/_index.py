"""Retirer l'index d'un champ qu'un autre couvre déjà, sans refaire la table.

`AlterField` la recopierait ligne à ligne sur SQLite, et remettrait en place l'état entier à chaque champ.
"""

from django.db.migrations.operations.base import Operation


class SansIndex(Operation):
    """`champs` : par modèle, ceux dont l'index s'en va ; l'état dit `db_index=False`."""

    reversible = True

    def __init__(self, champs):
        self.champs = champs

    def state_forwards(self, app_label, state):
        for modele, noms in self.champs.items():
            connus = state.models[app_label, modele].fields
            for nom in noms.split():
                connus[nom] = connus[nom].clone()
                connus[nom].db_index = False
        if "apps" in state.__dict__:
            state.reload_models([(app_label, modele) for modele in self.champs], delay=False)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for modele, champ in self._champs(app_label, schema_editor, to_state):
            for nom in _seuls(schema_editor, modele, champ):
                schema_editor.execute(schema_editor._delete_index_sql(modele, nom))

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for modele, champ in self._champs(app_label, schema_editor, to_state):
            for ordre in schema_editor._field_indexes_sql(modele, champ):
                schema_editor.execute(ordre)

    def _champs(self, app_label, schema_editor, etat):
        for nom, champs in self.champs.items():
            modele = etat.apps.get_model(app_label, nom)
            if self.allow_migrate_model(schema_editor.connection.alias, modele):
                for champ in champs.split():
                    yield modele, modele._meta.get_field(champ)

    def describe(self):
        return f"Retire l'index de {', '.join(self.champs)}"


def _seuls(schema_editor, modele, champ):
    """Les index ordinaires de cette seule colonne, hors de ceux que le modèle nomme."""
    nommes = {index.name for index in modele._meta.indexes}
    return schema_editor._constraint_names(
        modele, [champ.column], index=True, unique=False, primary_key=False, exclude=nommes
    )
