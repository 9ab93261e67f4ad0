from django.db import migrations, models

VU = {'default': '{}', 'help_text': 'JSON canonique.'}
AUTEUR = 'ce que voyait l’auteur'
NOTE = 'ce que voyait qui a proposé la note'
OBSERVATIONS = 'ce que voyait qui a observé'


class Migration(migrations.Migration):
    """Une décision d’avant ne garde pas ce qu’elle voyait : « {} » le dit (`certification.dossier.grille.vu.ANCIEN`)."""

    dependencies = [
        ('certification', '0008_place_unique'),
    ]

    operations = [
        *(
            migrations.AddField(
                model_name=modele,
                name='vu',
                field=models.TextField(verbose_name=AUTEUR, **VU),
                preserve_default=False,
            )
            for modele in ('decision', 'historicaldecision')
        ),
        *(
            migrations.AddField(
                model_name=modele,
                name=champ,
                field=models.TextField(blank=True, verbose_name=nom, **VU),
                preserve_default=False,
            )
            for modele in ('dossier', 'historicaldossier')
            for champ, nom in (('vu_note', NOTE), ('vu_observations', OBSERVATIONS))
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(
                condition=models.Q(('vu', ''), _negated=True),
                name='decision_vue',
                violation_error_message='Une décision garde ce que son auteur voyait.',
            ),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ('note_proposee__isnull', True),
                    models.Q(('vu_note', ''), _negated=True),
                    _connector='OR',
                ),
                name='dossier_note_vue',
                violation_error_message='Une note proposée garde ce que son auteur voyait.',
            ),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ('observations', ''),
                    models.Q(('vu_observations', ''), _negated=True),
                    _connector='OR',
                ),
                name='dossier_observations_vues',
                violation_error_message='Des observations gardent ce que leur auteur voyait.',
            ),
        ),
    ]
