namespace SlabGen.Generators;

/// <summary>The constructor and the destructor of the objects of a slab.</summary>
internal sealed partial class CacheClassWriter
{
    private bool HasLife => _model.Constructor is not null || _model.Destructor is not null;

    /// <summary>The constructor and the destructor: a struct, so that the runtime's loop over a slab is compiled for it and calls them directly.</summary>
    private void WriteLife()
    {
        if (!HasLife)
        {
            return;
        }

        _writer.Gap();
        _writer.Write("// What is called for each object of a slab, directly: a type argument that is a struct is compiled for.");
        _writer.Open($"private readonly struct Life : global::SlabGen.ISlabLife<{_model.Struct}>");
        _writer.Open($"public static bool Construct(ref {_model.Struct} value)");
        _writer.Write(_model.Constructor switch
        {
            null => "return true;",
            { CanRefuse: true } constructor => $"return value.{constructor.Method}();",
            { CanRefuse: false } constructor => $"value.{constructor.Method}();\nreturn true;",
        });
        _writer.Close();
        _writer.Gap();
        _writer.Open($"public static void Destruct(ref {_model.Struct} value)");
        if (_model.Destructor is { } destructor)
        {
            _writer.Write($"value.{destructor.Method}();");
        }

        _writer.Close();
        _writer.Close();
    }
}
