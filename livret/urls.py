from django.urls import URLPattern, URLResolver

app_name = "livret"
urlpatterns: list[URLPattern | URLResolver] = []
