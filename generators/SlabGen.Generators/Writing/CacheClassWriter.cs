using Microsoft.CodeAnalysis.Text;
using System.Text;

namespace SlabGen.Generators;

/// <summary>
/// Writes the generated class, top to bottom; each file beside this one writes one part of it. The output is code that a person could have written:
/// no option that was not asked for, no <c>unsafe</c>, a doc comment on every public member.
/// </summary>
internal sealed partial class CacheClassWriter
{
    private static readonly string s_version = typeof(CacheClassWriter).Assembly.GetName().Version.ToString(fieldCount: 3);

    private readonly SlabCacheModel _model;
    private readonly IndentedWriter _writer = new();

    // global::SlabGen.SlabPtr<global::Shop.Order>
    private readonly string _ptr;

    private CacheClassWriter(SlabCacheModel model)
    {
        _model = model;
        _ptr = $"global::SlabGen.SlabPtr<{model.Struct}>";
    }

    /// <summary>The text of the file.</summary>
    public static SourceText Write(SlabCacheModel model)
    {
        CacheClassWriter writer = new(model);
        writer.WriteFile();
        return SourceText.From(writer._writer.ToString(), Encoding.UTF8);
    }

    private void WriteFile()
    {
        WriteHeader();

        if (_model.Namespace.Length == 0)
        {
            WriteClass();
            return;
        }

        _writer.Open($"namespace {_model.Namespace}");
        WriteClass();
        _writer.Close();
    }

    private void WriteClass()
    {
        OpenClass();

        WriteState();
        WriteAlloc();
        WriteTryAlloc();
        WriteFree();
        WriteBulk();
        WriteScopes();
        WriteSlowPaths();
        WriteLease();
        WriteInstance();

        _writer.Close();
    }
}
