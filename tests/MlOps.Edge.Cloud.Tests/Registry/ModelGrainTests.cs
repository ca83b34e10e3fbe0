using System.Security.Cryptography;
using System.Text.Json;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;
using Orleans.Core.Internal;

namespace MlOps.Edge.Cloud.Tests.Registry;

public sealed class ModelGrainTests(RegistryCluster cloud) : IClassFixture<RegistryCluster>
{
    [Fact]
    public async Task A_registered_version_can_be_fetched_verified_and_put_together_from_its_blobs_alone()
    {
        var model = await DefinedAsync("pump-a");
        var draft = await Drafts.PutAsync(cloud.Artifacts, "run-1");

        var version = await model.RegisterAsync(draft);

        var manifest = JsonSerializer.Deserialize(cloud.Artifacts[version.Manifest], ContractsJson.Default.ModelManifest)!;
        using var publicKey = ECDsa.Create();
        publicKey.ImportFromPem(cloud.Key.PublicKeyPem);
        Assert.Null(ModelSigning.Verify(cloud.Artifacts[version.Signature], [publicKey], Sha256Digest.Parse(version.Manifest), manifest.Digest));
        Assert.Equal(3, manifest.Chunks.Count);
        Assert.All(manifest.Chunks, c => Assert.InRange(cloud.Artifacts[c.ToString()].Length, 1, ModelManifest.DefaultChunkSize));
        Assert.Equal(cloud.Artifacts[draft.Onnx], manifest.Chunks.SelectMany(c => cloud.Artifacts[c.ToString()]));
        Assert.Equal([version.Manifest, version.Signature, draft.SketchSpec!, .. manifest.Chunks.Select(c => c.ToString())], version.Blobs);
        Assert.Equal(new ModelLineage(Sha256Digest.Parse(draft.Snapshot), "run-1", "lightgbm 4.7.0", null), manifest.Lineage);
        Assert.Equal((3, 1, 125, 17), (manifest.Window, manifest.Stride, manifest.RulCap, manifest.Opset));
    }

    [Fact]
    public async Task Registering_a_run_again_returns_the_version_that_it_made()
    {
        var model = await DefinedAsync("pump-b");
        var draft = await Drafts.PutAsync(cloud.Artifacts, "run-1");

        var first = await model.RegisterAsync(draft);
        var again = await model.RegisterAsync(draft with { Metrics = [] });
        var second = await model.RegisterAsync(draft with { Run = "run-2", Parent = 1 });

        Assert.Equal((first.Version, first.Manifest, first.Signature), (again.Version, again.Manifest, again.Signature));
        Assert.Equal((2, 1), (second.Version, second.Parent));
        Assert.Equal([1, 2], (await model.GetAsync())!.Versions.Select(v => v.Version));
    }

    [Fact]
    public async Task An_older_version_comes_back_as_the_newest_with_its_file_and_past_under_a_signature_of_its_own()
    {
        var model = await DefinedAsync("pump-h");
        var draft = await Drafts.PutAsync(cloud.Artifacts, "run-1");
        var first = await model.RegisterAsync(draft);
        var other = await cloud.Artifacts.PutAsync("another file"u8.ToArray(), TestContext.Current.CancellationToken);
        await model.RegisterAsync(draft with { Run = "run-2", Parent = 1, Onnx = other.ToString() });

        var back = await model.ReissueAsync(1, "ada: version 2 is blind to worn seals", Drafts.Noon);

        Assert.Equal((3, 1, first.Onnx, "run-1", null), (back.Version, back.ReissueOf, back.Onnx, back.Run, back.Parent));
        var (was, now) = (Manifest(first), Manifest(back));
        Assert.Equal((1L, 3L), (was.Counter, now.Counter));
        Assert.Equal(Json(was with { Version = 3, Counter = 3 }), Json(now));
        using var publicKey = ECDsa.Create();
        publicKey.ImportFromPem(cloud.Key.PublicKeyPem);
        Assert.Null(ModelSigning.Verify(cloud.Artifacts[back.Signature], [publicKey], Sha256Digest.Parse(back.Manifest), now.Digest));
        Assert.Equal([back.Manifest, back.Signature, .. first.Blobs[2..]], back.Blobs);

        Assert.Equal(3, (await model.ReissueAsync(1, "ada: again", Drafts.Noon)).Version);
        Assert.Equal((4, 1), await model.ReissueAsync(2, "ada: after all", Drafts.Noon) is var second ? (second.Version, second.Parent) : default);
        Assert.Equal((5, 1), await model.ReissueAsync(3, "ada: or not", Drafts.Noon) is var third ? (third.Version, third.ReissueOf) : default);
        Assert.Equal("run-1", (await model.RegisterAsync(draft)).Run);
        Assert.Contains("no version 9", (await Assert.ThrowsAsync<ModelConflictException>(() => model.ReissueAsync(9, "", Drafts.Noon))).Message, StringComparison.Ordinal);

        ModelManifest Manifest(ModelVersionView version) => JsonSerializer.Deserialize(cloud.Artifacts[version.Manifest], ContractsJson.Default.ModelManifest)!;
        static string Json(ModelManifest manifest) => JsonSerializer.Serialize(manifest, ContractsJson.Default.ModelManifest);
    }

    [Fact]
    public async Task The_history_tells_every_change_once_and_in_order()
    {
        var model = await DefinedAsync("pump-c");
        await model.DefineAsync(ModelDefinitions.Canonical(Drafts.Definition("pump-c")));
        var draft = await Drafts.PutAsync(cloud.Artifacts, "run-1");
        await model.RegisterAsync(draft);
        await model.RegisterAsync(draft);
        await model.SetAliasAsync(Aliases.Champion, 1, "the first", Drafts.Noon);
        await model.SetAliasAsync(Aliases.Champion, 1, "again", Drafts.Noon);
        await model.SetAliasAsync(Aliases.Champion, null, "withdrawn", Drafts.Noon);

        Assert.Equal(
            [EventKinds.ModelDefined, EventKinds.VersionRegistered, EventKinds.AliasMoved, EventKinds.AliasMoved], cloud.Log.KindsOf("model/pump-c"));
        Assert.Null((await model.GetAsync())!.Champion);
    }

    [Fact]
    public async Task What_a_broken_log_did_not_take_is_told_when_the_grain_comes_back()
    {
        var model = await DefinedAsync("pump-d");
        var draft = await Drafts.PutAsync(cloud.Artifacts, "run-1");
        cloud.Log.Broken = true;
        try
        {
            await Assert.ThrowsAsync<IOException>(() => model.RegisterAsync(draft));
        }
        finally
        {
            cloud.Log.Broken = false;
        }

        await model.Cast<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
        Assert.Equal("run-1", Assert.Single((await model.GetAsync())!.Versions).Run);
        Assert.Equal([EventKinds.ModelDefined, EventKinds.VersionRegistered], cloud.Log.KindsOf("model/pump-d"));
    }

    [Fact]
    public async Task A_definition_stands_for_ever()
    {
        var model = await DefinedAsync("pump-e");

        var error = await Assert.ThrowsAsync<ModelConflictException>(
            () => model.DefineAsync(ModelDefinitions.Canonical(Drafts.Definition("pump-e") with { Window = 4 })));

        Assert.Contains("pump-e", error.Message, StringComparison.Ordinal);
        Assert.Contains("pump-e", await cloud.Catalog.ListAsync());
    }

    [Fact]
    public async Task What_is_not_there_is_named()
    {
        var draft = await Drafts.PutAsync(cloud.Artifacts, "run-1");
        var unknown = await Assert.ThrowsAsync<ModelConflictException>(() => cloud.Model("pump-f").RegisterAsync(draft));
        Assert.Contains("no model 'pump-f'", unknown.Message, StringComparison.Ordinal);
        Assert.Null(await cloud.Model("pump-f").GetAsync());

        var model = await DefinedAsync("pump-g");
        var orphan = await Assert.ThrowsAsync<ModelConflictException>(() => model.RegisterAsync(draft with { Parent = 1 }));
        Assert.Contains("no version 1", orphan.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<InvalidModelException>(() => model.RegisterAsync(draft with { Onnx = new('0', 64) }));
        Assert.Contains(new string('0', 64), missing.Message, StringComparison.Ordinal);
        var alias = await Assert.ThrowsAsync<ModelConflictException>(() => model.SetAliasAsync("best", null, "", Drafts.Noon));
        Assert.Contains("champion or challenger", alias.Message, StringComparison.Ordinal);
    }

    private async Task<IModelGrain> DefinedAsync(string name)
    {
        await cloud.Model(name).DefineAsync(ModelDefinitions.Canonical(Drafts.Definition(name)));
        return cloud.Model(name);
    }
}
