using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>The registered stores on a folder of their own, which can be closed and opened again.</summary>
public sealed class TemporaryStores : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-stores-");
    private ServiceProvider _services;

    public TemporaryStores() => _services = Open();

    public string Folder => _folder.FullName;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public void Reopen()
    {
        _services.Dispose();
        _services = Open();
    }

    public void Dispose()
    {
        _services.Dispose();
        _folder.Delete(recursive: true);
    }

    private ServiceProvider Open() => new ServiceCollection().AddSqliteStores(Folder).BuildServiceProvider();
}
