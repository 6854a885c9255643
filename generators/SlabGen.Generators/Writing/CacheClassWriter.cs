using Microsoft.CodeAnalysis.Text;
using System.Text;

namespace SlabGen.Generators;

/// <summary>
/// Writes the generated class, top to bottom. Each file beside this one writes one part of it. The output is code that
/// a person could have written: no option that was not asked for, no <c>unsafe</c>, a doc comment on every public
/// member.
/// </summary>
internal sealed partial class CacheClassWriter
{
    private static readonly string s_version =
        typeof(CacheClassWriter).Assembly.GetName().Version.ToString(fieldCount: 3);

    private readonly SlabCacheModel _model;
    private readonly IndentedWriter _writer = new();

    // global::SlabGen.SlabPtr<global::Shop.Order>
    private readonly string _ptr;

    // The field with the thread's cache, and the expression that the slow paths use for it.
    private readonly string _field, _slot;

    // The methods that do not call the hooks. They are separate methods if there are hooks, otherwise the public ones.
    private readonly string _allocRaw, _tryAllocRaw, _freeRaw, _allocBulkRaw, _freeBulkRaw;

    private CacheClassWriter(SlabCacheModel model)
    {
        _model = model;
        _ptr = $"global::SlabGen.SlabPtr<{model.Struct}>";
        _field = model.SingleThreaded ? "s_cache" : "t_cache";
        _slot = model.SingleThreaded ? "Slot" : _field;
        _allocRaw = Prepares ? "AllocRaw" : "Alloc";
        _tryAllocRaw = Prepares ? "TryAllocRaw" : "TryAlloc";
        _allocBulkRaw = Prepares ? "AllocBulkRaw" : "AllocBulk";
        _freeRaw = Finishes ? "FreeRaw" : "Free";
        _freeBulkRaw = Finishes ? "FreeBulkRaw" : "FreeBulk";
    }

    /// <summary>Whether the class must prepare an object before it is handed out.</summary>
    private bool Prepares => _model.Init is not null || _model.Zeroing == Zeroing.OnAlloc;

    /// <summary>Whether the class must act on an object before it is freed.</summary>
    private bool Finishes => _model.Fini is not null || _model.Zeroing == Zeroing.OnFree;

    /// <summary>The text of the file.</summary>
    public static SourceText Write(SlabCacheModel model)
    {
        CacheClassWriter writer = new(model);
        writer.WriteFile();
        string text = writer._writer.ToString();
        return SourceText.From(model.RuntimeAlias is { } alias
            ? text.Replace("global::SlabGen.", alias + "::SlabGen.") : text, Encoding.UTF8);
    }

    private void WriteFile()
    {
        WriteHeader();

        if (_model.Namespace.Length == 0)
        {
            WriteTypes();
            return;
        }

        _writer.Open($"namespace {_model.Namespace}");
        WriteTypes();
        _writer.Close();
    }

    private void WriteTypes()
    {
        if (_model.HasClass)
        {
            WriteClass();
            WriteExtensions();
        }

        WriteLinks();
    }

    private void WriteClass()
    {
        OpenClass();

        WriteState();
        WriteAlloc();
        WriteTryAlloc();
        WriteGfp();
        WriteFree();
        WriteFreeDeferred();
        WriteBulk();
        WriteHandles();
        WriteRent();
        WriteReserve();
        WriteOwn();
        WriteReset();
        WriteOpenLocal();
        WriteAllocSlow();
        WriteFreeSlow();
        WriteHooks();
        WriteLocal();
        WriteLease();
        WriteReservation();
        WriteLife();
        WriteCreate();

        _writer.Close();
    }
}
