"""Ce qui vient d'un autre établissement se dit, et un transfert se montre avant d'être confirmé."""

import re

import django.db.models.deletion
from django.db import migrations, models

NOM_D_AILLEURS = re.compile(r" \(([0-9]{7}[A-Z])\)$")
ORIGINE = {
    'blank': True, 'default': '', 'editable': False, 'max_length': 8, 'verbose_name': 'établissement d’origine',
    'help_text': 'L’UAI d’où vient, avec un élève transféré, ce qui n’est pas d’ici\xa0; vide\xa0: d’ici.',
}


def dire_l_origine(apps, schema_editor):
    """Celles d'un transfert déjà reçu se reconnaissent à leur nom, et à ce qu'aucune équipe n'y est."""
    for modele in ('Classe', 'Promotion'):
        for une in apps.get_model('livret', modele)._base_manager.filter(nom__endswith=')'):
            trouvee = NOM_D_AILLEURS.search(une.nom)
            if trouvee and apps.get_model('livret', 'TransfertRecu').objects.filter(
                etablissement=une.etablissement_id, origine__endswith=f'({trouvee[1]})'
            ).exists():
                une.origine = trouvee[1]
                une.save(update_fields=['origine'])


class Migration(migrations.Migration):

    dependencies = [
        ('livret', '0039_colonnes_retenues'),
    ]

    operations = [
        migrations.AddField('classe', 'origine', models.CharField(**ORIGINE)),
        migrations.AddField('promotion', 'origine', models.CharField(**ORIGINE)),
        migrations.AddField('transfertrecu', 'lignes', models.JSONField(default=dict, verbose_name='bilans et PFMP')),
        migrations.AlterField(
            'transfertrecu', 'eleve',
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.CASCADE,
                related_name='transferts', to='livret.eleve', verbose_name='élève',
            ),
        ),
        migrations.RunPython(dire_l_origine, migrations.RunPython.noop, elidable=True),
    ]
