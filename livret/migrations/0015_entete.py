"""L'en-tête vient de `certification` : le livret l'imprime aussi. La table ne bouge pas."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0005_reunion'),
        ('livret', '0014_sans_cours'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Entete',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('logo', models.BinaryField(verbose_name='logo')),
                        ('type_mime', models.CharField(max_length=20, verbose_name='type')),
                        ('etablissement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='entete', to='livret.etablissement')),
                    ],
                    options={
                        'verbose_name': 'en-tête',
                        'verbose_name_plural': 'en-têtes',
                        'db_table': 'certification_entete',
                    },
                ),
            ],
        ),
    ]
