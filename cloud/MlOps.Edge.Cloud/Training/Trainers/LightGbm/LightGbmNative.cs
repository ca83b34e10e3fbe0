using System.Runtime.InteropServices;

namespace MlOps.Edge.Cloud.Training.Trainers.LightGbm;

/// <summary>
/// The few entry points of LightGBM's C API (https://lightgbm.readthedocs.io/en/stable/C-API.html) that training needs.
/// Each returns 0, or not 0 with its reason in <see cref="LastError"/>.
/// </summary>
internal static partial class LightGbmNative
{
    public const string Library = "lib_lightgbm";

    /// <summary><c>C_API_DTYPE_FLOAT32</c>.</summary>
    private const int Float32 = 0;

    public static DatasetHandle CreateDataset(FeatureTable table, string parameters)
    {
        Check(DatasetCreateFromMat(table.Features, Float32, table.Rows, table.Columns, isRowMajor: 1, parameters, 0, out DatasetHandle dataset));
        Check(DatasetSetField(dataset, "label", table.Targets, table.Rows, Float32));
        Check(DatasetSetField(dataset, "weight", table.Weights, table.Rows, Float32));
        return dataset;
    }

    public static BoosterHandle CreateBooster(DatasetHandle dataset, string parameters)
    {
        Check(BoosterCreate(dataset, parameters, out BoosterHandle booster));
        return booster;
    }

    /// <summary>Adds one tree.</summary>
    /// <returns>Whether no tree could be added because no split helps any more.</returns>
    public static bool Update(BoosterHandle booster)
    {
        Check(BoosterUpdateOneIter(booster, out int finished));
        return finished != 0;
    }

    /// <summary>The model in LightGBM's text format.</summary>
    public static string Text(BoosterHandle booster)
    {
        Check(BoosterSaveModelToString(booster, 0, -1, 0, 0, out long length, []));
        var text = new byte[length];
        Check(BoosterSaveModelToString(booster, 0, -1, 0, length, out _, text));
        return System.Text.Encoding.UTF8.GetString(text.AsSpan(0, (int)length - 1));
    }

    public static double[] Predict(BoosterHandle booster, float[] features, int columns)
    {
        int rows = features.Length / columns;
        var predictions = new double[rows];
        Check(BoosterPredictForMat(
            booster, features, Float32, rows, columns, isRowMajor: 1, predictType: 0, 0, -1, "num_threads=1", out _, predictions));
        return predictions;
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new TrainingException("LightGBM: " + Marshal.PtrToStringUTF8(LastError()));
        }
    }

    [LibraryImport(Library, EntryPoint = "LGBM_GetLastError")]
    private static partial nint LastError();

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetCreateFromMat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int DatasetCreateFromMat(
        float[] data, int dataType, int rows, int columns, int isRowMajor, string parameters, nint reference, out DatasetHandle dataset);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetSetField", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int DatasetSetField(DatasetHandle dataset, string field, float[] data, int count, int dataType);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterCreate", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int BoosterCreate(DatasetHandle dataset, string parameters, out BoosterHandle booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterUpdateOneIter")]
    private static partial int BoosterUpdateOneIter(BoosterHandle booster, out int finished);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterSaveModelToString")]
    private static partial int BoosterSaveModelToString(
        BoosterHandle booster, int start, int count, int importance, long capacity, out long length, [Out] byte[] text);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int BoosterPredictForMat(
        BoosterHandle booster, float[] data, int dataType, int rows, int columns, int isRowMajor, int predictType,
        int start, int count, string parameters, out long length, [Out] double[] predictions);
}
