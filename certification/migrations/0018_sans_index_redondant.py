"""L'index d'une clé étrangère, qu'un index composé ou une unicité commence déjà."""

from django.db import migrations

from trpm.migrations._index import SansIndex


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0017_tirages_en_taches'),
    ]

    operations = [
        SansIndex({
            'extraction': 'etablissement',
            'tirage': 'lot',
            'tracecitee': 'version',
            'versionfigee': 'dossier',
        }),
    ]
