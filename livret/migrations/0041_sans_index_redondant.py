"""L'index d'une clé étrangère, qu'un index composé ou une unicité commence déjà."""

from django.db import migrations

from trpm.migrations._index import SansIndex


class Migration(migrations.Migration):

    dependencies = [
        ('livret', '0040_transfert_apercu'),
    ]

    operations = [
        SansIndex({
            'accusedelecture': 'bilan',
            'affectation': 'situation',
            'appartenance': 'utilisateur',
            'bilan': 'eleve',
            'changementdepromotion': 'eleve',
            'classe': 'etablissement',
            'colonnesretenues': 'etablissement',
            'echelleattendue': 'promotion',
            'eleve': 'etablissement',
            'entreprise': 'etablissement',
            'evaluation': 'eleve situation',
            'fiche': 'situation',
            'fichetuteur': 'pfmp',
            'invitation': 'etablissement',
            'mandatinspection': 'utilisateur',
            'observation': 'eleve situation',
            'periode': 'classe',
            'pfmp': 'periode',
            'phrase': 'auteur',
            'poste': 'situation',
            'postemodele': 'modele',
            'promotion': 'etablissement',
            'responsable': 'compte',
            'scolarite': 'eleve',
            'trace': 'situation',
            'transfertrecu': 'etablissement',
            'tuteur': 'entreprise',
        }),
    ]
