"""Chaque promotion garde la grille qu'elle a aujourd'hui : la plus récente de son référentiel."""

import django.db.models.deletion
from django.db import migrations, models


def epingler(apps, schema_editor):
    Promotion = apps.get_model("livret", "Promotion")
    Grille = apps.get_model("referentiel", "Grille")
    for referentiel in set(Promotion.objects.values_list("referentiel", flat=True)):
        grille = Grille.objects.filter(referentiel=referentiel).order_by("-ordre", "-pk").first()
        if grille is None:
            raise RuntimeError(
                f"Le référentiel {referentiel} n’a aucune grille : importez-en une, puis recommencez."
            )
        Promotion.objects.filter(referentiel=referentiel).update(grille=grille)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def grille(**options):
    return models.ForeignKey(
        help_text="L’échelle et les pondérations de cette promotion, et de personne d’autre.",
        on_delete=django.db.models.deletion.PROTECT,
        related_name="promotions",
        to="referentiel.grille",
        verbose_name="version de grille",
        **options,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("livret", "0020_invitation"),
        ("referentiel", "0004_correspondance"),
    ]

    operations = [
        migrations.AddField("promotion", "grille", grille(null=True)),
        migrations.RunPython(epingler, migrations.RunPython.noop),
        migrations.AlterField("promotion", "grille", grille()),
    ]
