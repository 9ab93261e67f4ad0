"""Une place par candidat, épreuve et session.

Chaque dossier reçoit l'épreuve et la session de sa commission. Là où un candidat en avait plusieurs, reste
vivant celui qui est figé, sinon le plus avancé, sinon le dernier modifié. Les autres deviennent clos, avec
un motif qui nomme la commission retenue : rien ne s'efface, ni décision, ni note, ni version figée.
"""

from collections import defaultdict

import django.db.models.deletion
import livret.personnes.alphabet
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def placer(apps, schema_editor):
    Commission = apps.get_model('certification', 'Commission')
    Dossier = apps.get_model('certification', 'Dossier')
    Historique = apps.get_model('certification', 'HistoricalDossier')
    for commission in Commission.objects.all():
        place = {'epreuve_id': commission.epreuve_id, 'session': commission.session}
        Dossier.objects.filter(commission=commission).update(**place)
        Historique.objects.filter(commission_id=commission.pk).update(**place)
    groupes = defaultdict(list)
    for dossier in Dossier.objects.select_related('commission'):
        groupes[dossier.eleve_id, dossier.epreuve_id, dossier.session].append(dossier)
    for groupe in groupes.values():
        retenu, *autres = sorted(groupe, key=avancement, reverse=True)
        for dossier in autres:
            clore(dossier, f'Doublon : le dossier qui compte est devant « {retenu.commission.intitule} ».', Historique)
    schema_editor.connection.check_constraints()


def avancement(dossier):
    figee = dossier.versions.filter(rouverte_le__isnull=True).first()
    return (
        figee is not None,
        figee.figee_le.timestamp() if figee else 0,
        dossier.note_proposee is not None,
        dossier.situation != 'a_evaluer',
        dossier.decisions.count(),
        dossier.versions.count(),
        dossier.modifie_le,
        dossier.pk,
    )


def clore(dossier, motif, Historique):
    maintenant = timezone.now()
    dossier.clos_le, dossier.motif_cloture = maintenant, motif
    type(dossier)._base_manager.filter(pk=dossier.pk).update(clos_le=maintenant, motif_cloture=motif)
    etat = {champ.attname: getattr(dossier, champ.attname) for champ in dossier._meta.concrete_fields}
    Historique.objects.create(**etat, history_date=maintenant, history_type='~')


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0007_lot_recto_verso'),
        ('livret', '0015_entete'),
        ('referentiel', '0002_arrondi_en_table'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='dossier',
            options={'ordering': [livret.personnes.alphabet.Plie(models.F('eleve__nom')), livret.personnes.alphabet.Plie(models.F('eleve__prenom')), 'eleve__nom', 'eleve__prenom', 'eleve__pk', 'pk'], 'verbose_name': 'dossier de candidat', 'verbose_name_plural': 'dossiers de candidat'},
        ),
        migrations.RemoveConstraint(
            model_name='commission',
            name='commission_unique',
        ),
        migrations.RemoveConstraint(
            model_name='dossier',
            name='dossier_unique',
        ),
        migrations.AddField(
            model_name='commission',
            name='close_le',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='close le'),
        ),
        migrations.AddField(
            model_name='commission',
            name='close_par',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='commission',
            name='heure',
            field=models.TimeField(blank=True, null=True, verbose_name='heure'),
        ),
        migrations.AddField(
            model_name='commission',
            name='motif_cloture',
            field=models.TextField(blank=True, editable=False, verbose_name='motif de la clôture'),
        ),
        migrations.AddField(
            model_name='dossier',
            name='clos_le',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='clos le'),
        ),
        migrations.AddField(
            model_name='dossier',
            name='epreuve',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='referentiel.epreuve'),
        ),
        migrations.AddField(
            model_name='dossier',
            name='motif_cloture',
            field=models.TextField(blank=True, editable=False, verbose_name='motif de la clôture'),
        ),
        migrations.AddField(
            model_name='dossier',
            name='session',
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='session'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='historicalcommission',
            name='close_le',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='close le'),
        ),
        migrations.AddField(
            model_name='historicalcommission',
            name='close_par',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalcommission',
            name='heure',
            field=models.TimeField(blank=True, null=True, verbose_name='heure'),
        ),
        migrations.AddField(
            model_name='historicalcommission',
            name='motif_cloture',
            field=models.TextField(blank=True, editable=False, verbose_name='motif de la clôture'),
        ),
        migrations.AddField(
            model_name='historicaldossier',
            name='clos_le',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='clos le'),
        ),
        migrations.AddField(
            model_name='historicaldossier',
            name='epreuve',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='referentiel.epreuve'),
        ),
        migrations.AddField(
            model_name='historicaldossier',
            name='motif_cloture',
            field=models.TextField(blank=True, editable=False, verbose_name='motif de la clôture'),
        ),
        migrations.AddField(
            model_name='historicaldossier',
            name='session',
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='session'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='historicalreunion',
            name='heure',
            field=models.TimeField(blank=True, null=True, verbose_name='heure'),
        ),
        migrations.AddField(
            model_name='reunion',
            name='heure',
            field=models.TimeField(blank=True, null=True, verbose_name='heure'),
        ),
        migrations.RunPython(placer, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='dossier',
            name='epreuve',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='referentiel.epreuve'),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.UniqueConstraint(condition=models.Q(('close_le__isnull', True)), fields=('etablissement', 'session', 'epreuve', 'intitule'), name='commission_unique', violation_error_message='Cette commission existe déjà pour cette session et cette épreuve.'),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('close_le__isnull', True), ('close_par__isnull', True), ('motif_cloture', '')), models.Q(('close_le__isnull', False), ('close_par__isnull', False), models.Q(('motif_cloture', ''), _negated=True)), _connector='OR'), name='commission_cloture_motivee', violation_error_message='Clore une commission demande un motif.'),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.UniqueConstraint(condition=models.Q(('clos_le__isnull', True)), fields=('eleve', 'epreuve', 'session'), name='dossier_vivant_unique', violation_error_message='Ce candidat est déjà devant une commission pour cette épreuve et cette session.'),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('clos_le__isnull', True), ('motif_cloture', '')), models.Q(('clos_le__isnull', False), models.Q(('motif_cloture', ''), _negated=True)), _connector='OR'), name='dossier_cloture_motivee', violation_error_message='Clore un dossier demande un motif.'),
        ),
    ]
