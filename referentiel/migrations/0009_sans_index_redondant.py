"""L'index d'une clé étrangère, qu'un index composé ou une unicité commence déjà."""

from django.db import migrations

from trpm.migrations._index import SansIndex


class Migration(migrations.Migration):

    dependencies = [
        ('referentiel', '0008_diplomes_anterieurs'),
    ]

    operations = [
        SansIndex({
            'activite': 'referentiel',
            'bloc': 'referentiel',
            'coefficient': 'epreuve',
            'competence': 'referentiel',
            'correspondance': 'grille',
            'echelle': 'referentiel',
            'epreuve': 'referentiel',
            'grille': 'referentiel',
            'intituleactivite': 'activite',
            'modalite': 'bloc epreuve',
            'niveau': 'echelle',
            'option': 'referentiel',
            'referentiel': 'code',
            'repere': 'referentiel',
            'savoir': 'referentiel',
            'statut': 'referentiel',
            'voie': 'referentiel',
        }),
    ]
