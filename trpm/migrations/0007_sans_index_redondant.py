"""L'index d'une clé étrangère, qu'un index composé ou une unicité commence déjà."""

from django.db import migrations

from trpm.migrations._index import SansIndex


class Migration(migrations.Migration):

    dependencies = [
        ('trpm', '0006_revisions'),
    ]

    operations = [
        SansIndex({
            'dureereglee': 'etablissement',
            'sortie': 'classe',
        }),
    ]
