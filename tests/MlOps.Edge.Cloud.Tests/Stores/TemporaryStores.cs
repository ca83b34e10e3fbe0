using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>The registered stores on a folder of their own, which can be closed and opened again.</summary>
public sealed class TemporaryStores : IDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly bool _ours;
    private ServiceProvider _services;

    public TemporaryStores()
        : this(Directory.CreateTempSubdirectory("mlops-stores-")) => _ours = true;

    /// <param name="folder">Left as it is in the end.</param>
    public TemporaryStores(DirectoryInfo folder) => (_folder, _services) = (folder, Open(folder.FullName));

    public string Folder => _folder.FullName;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public void Reopen()
    {
        _services.Dispose();
        _services = Open(Folder);
    }

    public void Dispose()
    {
        _services.Dispose();
        if (_ours)
        {
            _folder.Delete(recursive: true);
        }
    }

    private static ServiceProvider Open(string folder) => new ServiceCollection().AddSqliteStores(folder).BuildServiceProvider();
}
