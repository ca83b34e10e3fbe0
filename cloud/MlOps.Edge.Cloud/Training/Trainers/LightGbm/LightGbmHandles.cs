using System.Runtime.InteropServices;

namespace MlOps.Edge.Cloud.Training.Trainers.LightGbm;

/// <summary>Owns LightGBM's copy of a table.</summary>
internal sealed partial class DatasetHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => Free(handle) == 0;

    [LibraryImport(LightGbmNative.Library, EntryPoint = "LGBM_DatasetFree")]
    private static partial int Free(nint dataset);
}

/// <summary>Owns a LightGBM model.</summary>
internal sealed partial class BoosterHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => Free(handle) == 0;

    [LibraryImport(LightGbmNative.Library, EntryPoint = "LGBM_BoosterFree")]
    private static partial int Free(nint booster);
}
