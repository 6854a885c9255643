namespace SlabGen.Generators;

/// <summary>Extension members of the struct. Each calls the class.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteExtensions()
    {
        if (_model.ExtensionClass is not { } name)
        {
            return;
        }

        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Adds the slab cache of <see cref="{_model.StructCref}"/> to the struct itself. Members that the struct declares come first.</summary>
            """);
        WriteWarnings(_model.Warnings);
        _writer.Write(GeneratedCode);
        _writer.Open($"{_model.Accessibility} static class {name}");
        _writer.Open($"extension{TypeParameterList}({_model.Struct}){ConstraintClauses}");
        WriteExtension(_ptr, "Alloc", "", "", "", inlined: true);
        if (_model.Constructor is null)
        {
            _writer.Gap();
            WriteExtension(_ptr, "AllocZeroed", "", "", "", inlined: false);
        }

        _writer.Gap();
        WriteExtension("bool", "TryAlloc", $"out {_ptr} result", "out result", $"out {_ptr}", inlined: true);
        _writer.Gap();
        WriteExtension("void", "Free", $"{_ptr} obj", "obj", _ptr, inlined: true);
        _writer.Gap();
        WriteExtension($"{FullClassName}.Lease", "Rent", "", "", "", inlined: false);
        _writer.Gap();
        WriteExtension(Owner, "Own", "", "", "", inlined: false);
        _writer.Close();
        _writer.Close();
    }

    // global::Shop.BoxCache<T>
    private string FullClassName => $"global::{(_model.Namespace.Length == 0 ? "" : _model.Namespace + ".")}{ClassName}";

    private void WriteExtension(string type, string method, string parameters, string arguments, string parameterTypes,
        bool inlined)
    {
        _writer.Write(
            $"""/// <inheritdoc cref="{$"{FullClassName}.{method}({parameterTypes})".Replace('<', '{').Replace('>', '}')}"/>""");
        if (inlined)
        {
            _writer.Write(AggressiveInlining);
        }

        _writer.Write($"public static {type} {method}({parameters}) => {FullClassName}.{method}({arguments});");
    }
}
